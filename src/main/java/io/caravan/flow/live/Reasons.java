package io.caravan.flow.live;

/** Puts failures into one line. */
final class Reasons {
  private Reasons() {}

  /** The messages of a failure and its causes. */
  static String of(Throwable failure) {
    var told = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
      if (told.indexOf(message) < 0) {
        told.append(told.isEmpty() ? "" : ": ").append(message);
      }
    }
    return told.toString();
  }
}

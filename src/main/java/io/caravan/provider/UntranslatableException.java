package io.caravan.provider;

/** A request asks for something that the other API has no word for. */
final class UntranslatableException extends RuntimeException {
  private final String param;

  UntranslatableException(String param, String message) {
    super(message);
    this.param = param;
  }

  /** The member at fault, such as {@code body.n}. */
  String param() {
    return param;
  }
}

package io.caravan.flow;

import java.util.ArrayList;
import java.util.List;

/** Puts failures into words. */
public final class Reasons {
  private Reasons() {}

  /** The messages of a failure and its causes, in one line. */
  public static String of(Throwable failure) {
    return String.join(": ", all(failure));
  }

  /** The messages of a failure and its causes, without those that repeat another. */
  public static List<String> all(Throwable failure) {
    var all = new ArrayList<String>();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      String message = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
      if (all.stream().noneMatch(earlier -> earlier.contains(message))) {
        all.add(message);
      }
    }
    return all;
  }
}

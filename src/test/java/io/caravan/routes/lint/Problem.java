package io.caravan.routes.lint;

import java.util.Comparator;

/** One mistake with its file, line and message. */
record Problem(String file, int line, String message) implements Comparable<Problem> {
  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparing(Problem::file)
          .thenComparingInt(Problem::line)
          .thenComparing(Problem::message);

  @Override
  public int compareTo(Problem other) {
    return BY_PLACE.compare(this, other);
  }

  @Override
  public String toString() {
    return file + " line " + line + ": " + message;
  }
}

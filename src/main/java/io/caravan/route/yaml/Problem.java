package io.caravan.route.yaml;

import java.util.Comparator;

/**
 * A problem of a route file.
 *
 * @param file the path below {@code routes/}
 * @param message what is wrong
 * @param fix what to do, a sentence
 */
public record Problem(String file, Place place, Severity severity, String message, String fix)
    implements Comparable<Problem> {
  /** Whether a problem keeps the routes of its file from running. */
  public enum Severity {
    /** The routes would fail, lose data or expose a secret. */
    ERROR,
    /** A finding about style. */
    WARNING
  }

  private static final Comparator<Problem> BY_PLACE =
      Comparator.comparing(Problem::file)
          .thenComparingInt(it -> it.place().line())
          .thenComparingInt(it -> it.place().column())
          .thenComparing(Problem::message);

  /** Whether the routes of the file cannot run. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** The same problem as a finding that does not keep routes from running. */
  public Problem asWarning() {
    return new Problem(file, place, Severity.WARNING, message, fix);
  }

  @Override
  public int compareTo(Problem other) {
    return BY_PLACE.compare(this, other);
  }

  /** What is wrong, where in the file, and what to do. */
  public String here() {
    return "line %d, column %d: %s %s"
        .formatted(place.line(), place.column(), message, fix)
        .strip();
  }

  /** What is wrong, where, and what to do, in one line. */
  @Override
  public String toString() {
    return file + " " + here();
  }
}

package bench;

import java.util.Locale;

/**
 * One line of the table.
 *
 * @param other what the same run measured of the other, or of another way
 * @param met whether the aim is reached; null where there is none
 */
record Row(String benchmark, String what, String value, String other, String ratio, String aim, Boolean met) {
  static Row skipped(String benchmark, String what, String reason) {
    return new Row(benchmark, what, "skipped: " + reason, "", "", "", null);
  }

  static Row of(String benchmark, String what, String value) {
    return new Row(benchmark, what, value, "", "", "", null);
  }

  static Row aimed(String benchmark, String what, String value, String aim, boolean met) {
    return new Row(benchmark, what, value, "", "", aim, met);
  }

  /** {@code ratio} is what the aim speaks of. */
  static Row compared(String benchmark, String what, String value, String other, double ratio, String aim, boolean met) {
    return new Row(benchmark, what, value, other, String.format(Locale.ROOT, "%.2f", ratio), aim, aim.isEmpty() ? null : met);
  }

  String verdict() {
    return met == null ? "" : met ? "met" : "NOT met";
  }
}

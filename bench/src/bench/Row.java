package bench;

import java.util.Locale;

/**
 * One line of the table.
 *
 * @param other the value of the comparison in the same run
 * @param met whether the target is met; null if there is none
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

  /** The target applies to {@code ratio}. */
  static Row compared(String benchmark, String what, String value, String other, double ratio, String aim, boolean met) {
    return new Row(benchmark, what, value, other, String.format(Locale.ROOT, "%.2f", ratio), aim, aim.isEmpty() ? null : met);
  }

  String verdict() {
    return met == null ? "" : met ? "met" : "NOT met";
  }
}

package io.caravan.server.settings;

import java.time.LocalTime;

/** A daily time range, such as {@code 22:00-06:00}, in the time zone of the machine. */
public record QuietHours(LocalTime from, LocalTime to) {
  static final String TEXT = "|([01]\\d|2[0-3]):[0-5]\\d-([01]\\d|2[0-3]):[0-5]\\d";

  public static QuietHours parse(String text) {
    String[] ends = text.split("-", -1);
    return new QuietHours(LocalTime.parse(ends[0].strip()), LocalTime.parse(ends[1].strip()));
  }

  /** Whether the range covers the time; the end is exclusive and may lie on the next day. */
  public boolean cover(LocalTime time) {
    boolean begun = !time.isBefore(from);
    boolean ended = !time.isBefore(to);
    return from.isBefore(to) ? begun && !ended : begun || !ended;
  }
}

package io.caravan.time;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads deadlines: {@code 4h}, {@code 06:00}, or ISO 8601. */
public final class Deadline {
  private static final Pattern AMOUNT = Pattern.compile("([1-9]\\d{0,5})\\s*([smhd])");
  private static final Pattern TIME = Pattern.compile("\\d\\d:\\d\\d(:\\d\\d)?");
  private static final Duration LONGEST = Duration.ofDays(366);

  private Deadline() {}

  /**
   * The moment of a deadline that is given now. A time of day is its next occurrence in the zone; a
   * date and time without an offset is in the zone.
   *
   * @throws UnfitTimeException if it cannot be read, is past, or is more than a year ahead
   */
  public static Instant of(String text, Clock clock, ZoneId zone) {
    Instant now = clock.instant();
    Instant deadline;
    try {
      deadline = read(text.strip(), now, zone);
    } catch (DateTimeException e) {
      throw problem("deadline \"%s\" cannot be read.".formatted(shown(text)));
    }
    if (!deadline.isAfter(now)) {
      throw problem("deadline \"%s\" is in the past: it is %s.".formatted(shown(text), now));
    }
    if (deadline.isAfter(now.plus(LONGEST))) {
      throw problem("deadline \"%s\" is more than a year ahead.".formatted(shown(text)));
    }
    return deadline;
  }

  private static Instant read(String text, Instant now, ZoneId zone) {
    Matcher amount = AMOUNT.matcher(text.toLowerCase(Locale.ROOT));
    if (amount.matches()) {
      long number = Long.parseLong(amount.group(1));
      return now.plus(
          switch (amount.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          });
    }
    if (TIME.matcher(text).matches()) {
      LocalTime time = LocalTime.parse(text);
      ZonedDateTime today = now.atZone(zone).with(time);
      return (today.toInstant().isAfter(now) ? today : today.plusDays(1).with(time)).toInstant();
    }
    if (text.startsWith("P") || text.startsWith("p")) {
      return now.plus(Duration.parse(text));
    }
    return text.matches(".*T.*([Zz]|[+-]\\d\\d(:?\\d\\d)?)")
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDateTime.parse(text).atZone(zone).toInstant();
  }

  private static String shown(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }

  private static UnfitTimeException problem(String what) {
    return new UnfitTimeException(what + " Use 4h, 06:00, or a time such as 2027-01-31T06:00:00Z.");
  }
}

package io.caravan.time;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * When a schedule lets something be sent: times of day ({@code 02:00} or {@code 02:00, 14:30}), a
 * window ({@code 22:00-06:00}), or a cron expression with five or six fields. A time zone may
 * follow, such as {@code 0 2 * * MON-FRI Europe/Berlin}.
 *
 * <p>Each local time comes once a day: a time that the clock skips in spring comes as much later as
 * it skips, and one that it shows twice in autumn comes the first time. Cron expressions that name
 * no hours ({@code 0 * * * *}) go on in both of these hours.
 */
public final class SendTimes {
  private static final String FORMS =
      "Use times of day (02:00 or 02:00, 14:30), a window (22:00-06:00) or a cron expression (0 2 * * MON-FRI), each with a time zone after it if need be (Europe/Berlin).";
  private static final String TIME = "([01]?\\d|2[0-3]):[0-5]\\d";
  private static final Pattern TIMES = Pattern.compile(TIME + "(\\s*,\\s*" + TIME + ")*");
  private static final Pattern WINDOW =
      Pattern.compile("(?<from>" + TIME + ")\\s*-\\s*(?<to>" + TIME + ")");
  private static final Pattern ZONE = Pattern.compile("(?<rest>.*\\S)\\s+(?<zone>[A-Z]\\S*)");

  /** More than any change of a clock. */
  private static final Duration LONGEST_CHANGE = Duration.ofHours(3);

  /** Fields of a cron expression, the hours among them. */
  private static final int FIELDS = 6;

  private static final int HOURS = 2;

  private final String text;
  private final ZoneId zone;
  private final List<CronExpression> starts;
  private final boolean everyHour;
  private final @Nullable Window window;

  private record Window(LocalTime from, LocalTime to) {
    boolean contains(LocalTime time) {
      return from.isBefore(to)
          ? !time.isBefore(from) && time.isBefore(to)
          : !time.isBefore(from) || time.isBefore(to);
    }
  }

  private SendTimes(
      String text,
      ZoneId zone,
      List<CronExpression> starts,
      boolean everyHour,
      @Nullable Window window) {
    this.text = text;
    this.zone = zone;
    this.starts = List.copyOf(starts);
    this.everyHour = everyHour;
    this.window = window;
  }

  /**
   * Reads a schedule; empty for a blank text, which means no schedule.
   *
   * @param usual the time zone of a schedule that names none
   * @throws UnfitTimeException if it cannot be read, or never comes
   */
  public static Optional<SendTimes> of(String text, ZoneId usual) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      return Optional.empty();
    }
    ZoneId zone = usual;
    String times = stripped;
    Matcher zoned = ZONE.matcher(stripped);
    if (zoned.matches() && isZone(zoned.group("zone"))) {
      zone = ZoneId.of(zoned.group("zone"));
      times = zoned.group("rest");
    }
    return Optional.of(read(stripped, times, zone));
  }

  /** Whether it names a zone; days of the week are no zones. */
  private static boolean isZone(String name) {
    try {
      ZoneId.of(name);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static SendTimes read(String text, String times, ZoneId zone) {
    if (TIMES.matcher(times).matches()) {
      return new SendTimes(
          text, zone, Stream.of(times.split(",")).map(SendTimes::daily).toList(), false, null);
    }
    Matcher window = WINDOW.matcher(times);
    if (window.matches()) {
      LocalTime from = time(window.group("from"));
      LocalTime to = time(window.group("to"));
      if (from.equals(to)) {
        throw unfit(text, "begins and ends at the same time");
      }
      return new SendTimes(
          text, zone, List.of(daily(window.group("from"))), false, new Window(from, to));
    }
    return cron(text, times, zone);
  }

  private static SendTimes cron(String text, String times, ZoneId zone) {
    List<String> fields = new ArrayList<>(List.of(times.split("\\s+")));
    if (fields.size() == FIELDS - 1) {
      fields.addFirst("0");
    }
    CronExpression cron;
    try {
      cron = CronExpression.parse(String.join(" ", fields));
    } catch (IllegalArgumentException e) {
      throw unfit(text, "cannot be read");
    }
    if (cron.next(LocalDateTime.of(2024, 1, 1, 0, 0)) == null) { // a leap year
      throw unfit(text, "never comes");
    }
    boolean everyHour = fields.size() == FIELDS && fields.get(HOURS).startsWith("*");
    return new SendTimes(text, zone, List.of(cron), everyHour, null);
  }

  private static LocalTime time(String text) {
    return LocalTime.parse(text.length() == "2:00".length() ? "0" + text : text);
  }

  private static CronExpression daily(String text) {
    LocalTime time = time(text.strip());
    return CronExpression.parse("0 %d %d * * *".formatted(time.getMinute(), time.getHour()));
  }

  private static UnfitTimeException unfit(String text, String why) {
    return new UnfitTimeException("The schedule \"%s\" %s. %s".formatted(text, why, FORMS));
  }

  /** The first moment from {@code at} on, itself included, at which sending may begin. */
  public Instant next(Instant at) {
    if (window != null && window.contains(at.atZone(zone).toLocalTime())) {
      return at;
    }
    return starts.stream().map(cron -> next(cron, at)).min(Instant::compareTo).orElseThrow();
  }

  private Instant next(CronExpression cron, Instant at) {
    if (everyHour) {
      ZonedDateTime next = cron.next(at.minusNanos(1).atZone(zone));
      return next == null ? Instant.MAX : next.toInstant();
    }
    LocalDateTime local = LocalDateTime.ofInstant(at, zone).minus(LONGEST_CHANGE);
    while (true) {
      local = cron.next(local);
      if (local == null) {
        return Instant.MAX;
      }
      Instant next = local.atZone(zone).toInstant();
      if (!next.isBefore(at)) {
        return next;
      }
    }
  }

  /** Whether sending may go on at that moment: always, unless the schedule is a window. */
  public boolean isOpen(Instant at) {
    return window == null || window.contains(at.atZone(zone).toLocalTime());
  }

  /** The time zone. */
  public ZoneId zone() {
    return zone;
  }

  /** The schedule as it was written. */
  @Override
  public String toString() {
    return text;
  }
}

package io.caravan.queue.callback;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** When a callback is sent again: ten attempts in three days, as Standard Webhooks proposes. */
public final class CallbackSchedule {
  private static final List<Duration> DELAYS =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));

  /** Longer than all delays together; a callback that still waits then is given up. */
  public static final Duration LONGEST = Duration.ofDays(5);

  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);
  private static final Set<Integer> ASKS_TO_WAIT = Set.of(429, 502, 503, 504);
  private static final double JITTER = 0.1;

  private CallbackSchedule() {}

  /** The delay after so many failures, which grows by up to a tenth; empty after the last. */
  public static Optional<Duration> delay(int failures) {
    return failures > DELAYS.size()
        ? Optional.empty()
        : Optional.of(longer(DELAYS.get(failures - 1)));
  }

  private static Duration longer(Duration delay) {
    double factor = 1 + ThreadLocalRandom.current().nextDouble(JITTER);
    return Duration.ofMillis((long) (delay.toMillis() * factor));
  }

  /** Until when a receiver that is busy asks for no further calls, at most a day. */
  public static Optional<Instant> holdUntil(
      @Nullable Integer answer, @Nullable String retryAfter, Clock clock) {
    if (answer == null || retryAfter == null || !ASKS_TO_WAIT.contains(answer)) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    Instant latest = now.plus(LONGEST_RETRY_AFTER);
    return time(retryAfter.strip(), now)
        .filter(now::isBefore)
        .map(asked -> asked.isBefore(latest) ? asked : latest);
  }

  private static Optional<Instant> time(String retryAfter, Instant now) {
    try {
      return Optional.of(
          retryAfter.matches("\\d+")
              ? now.plusSeconds(
                  retryAfter.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(retryAfter))
              : ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}

package io.caravan.call;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * The delay before a retry: exponential backoff minus up to 25% jitter, or what the server asks
 * for.
 */
public record RetryDelay(Duration initial, Duration max, Clock clock) {
  private static final int MAX_DOUBLINGS = 20;

  Duration beforeTry(int failures) {
    long millis = initial.toMillis() << Math.min(failures - 1, MAX_DOUBLINGS);
    double jitter = 1 - ThreadLocalRandom.current().nextDouble(0.25);
    return Duration.ofMillis((long) (Math.min(millis, max.toMillis()) * jitter));
  }

  /** The delay that the headers ask for, else the backoff after so many failures. */
  public Duration beforeTry(int failures, Function<String, Optional<String>> headers) {
    return asked(headers).orElseGet(() -> beforeTry(failures));
  }

  /** The delay that a reply's headers ask for, limited to {@code max}. */
  Optional<Duration> asked(Function<String, Optional<String>> headers) {
    return read(headers)
        .filter(asked -> !asked.isNegative())
        .map(asked -> asked.compareTo(max) < 0 ? asked : max);
  }

  private Optional<Duration> read(Function<String, Optional<String>> headers) {
    try {
      Optional<Duration> millis =
          headers
              .apply("retry-after-ms")
              .map(text -> Duration.ofMillis((long) Double.parseDouble(text)));
      return millis.or(() -> headers.apply("retry-after").map(this::seconds));
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }

  private Duration seconds(String text) {
    if (text.matches("\\d+(\\.\\d+)?")) {
      return Duration.ofMillis((long) (Double.parseDouble(text) * 1000));
    }
    var date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
    return Duration.between(clock.instant(), date.toInstant());
  }
}

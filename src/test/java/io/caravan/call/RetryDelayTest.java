package io.caravan.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryDelayTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final RetryDelay backoff =
      new RetryDelay(Duration.ofSeconds(1), Duration.ofSeconds(30), clock);

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "4,8", "6,30", "1000000,30"})
  void doublesUpToTheMaximumWithJitter(int failures, int seconds) {
    assertThat(backoff.beforeTry(failures))
        .isBetween(Duration.ofMillis(seconds * 750L), Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retry-after    | 7                             | 7000",
        "retry-after    | 0.5                           | 500",
        "retry-after    | 3600                          | 30000",
        "retry-after    | Thu, 01 Jan 2026 00:00:09 GMT | 9000",
        "retry-after-ms | 250                           | 250",
      })
  void honoursRetryAfterUpToTheMaximum(String header, String value, int millis) {
    assertThat(backoff.beforeTry(1, headers(header, value))).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"soon", "-5", "'Thu, 01 Jan 2020 00:00:00 GMT'"})
  void ignoresInvalidRetryAfter(String value) {
    assertThat(backoff.beforeTry(1, headers("retry-after", value)))
        .isBetween(Duration.ofMillis(750), Duration.ofSeconds(1));
  }

  private static Function<String, Optional<String>> headers(String name, String value) {
    return asked -> asked.equals(name) ? Optional.of(value) : Optional.empty();
  }
}

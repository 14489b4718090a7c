package io.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), 2);

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 2", "2, 4", "5, 32", "6, 60", "7, 60", "2147483647, 60"})
  void growsFromInitialToMaximum(int failures, long seconds) {
    for (int i = 0; i < 200; i++) {
      assertThat(BACKOFF.after(failures).toMillis()).isBetween(seconds * 900, seconds * 1100);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 99})
  void addsJitter(int failures) {
    assertThat(IntStream.range(0, 50).mapToObj(i -> BACKOFF.after(failures)).distinct())
        .hasSizeGreaterThan(10);
  }

  @Test
  void neverExceedsAMaximumBelowTheInitialWait() {
    var odd = new Backoff(Duration.ofSeconds(9), Duration.ofSeconds(1), 2);

    assertThat(odd.after(0)).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
  }

  @Test
  void supportsTheLongestDurations() {
    var forever = new Backoff(Duration.ofDays(1), Duration.ofDays(36500), 1.5);

    assertThat(forever.after(1000)).isLessThan(Duration.ofDays(50_000)).isPositive();
  }
}

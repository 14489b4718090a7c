package io.caravan.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class AdaptiveLimitTest {
  private final AtomicLong now = new AtomicLong();
  private final AdaptiveLimit limit = new AdaptiveLimit("u", 1, 64, 2.5, now::get);

  @Test
  void growsToItsCeilingWhileResponseTimesStayTheSame() {
    answer(1_000, inFlight -> Duration.ofMillis(200));

    assertThat(limit.current()).isEqualTo(64);
  }

  @Test
  void staysNearTheUpstreamsCapacity() {
    int slots = 4;

    answer(3_000, inFlight -> Duration.ofMillis(200L * Math.max(slots, inFlight) / slots));

    assertThat(limit.current()).isBetween(slots, 3 * slots);
  }

  @Test
  void doesNotMistakeLongAnswersForAQueue() {
    for (int i = 0; i < 1_000; i++) {
      int tokens = i % 2 == 0 ? 10 : 1_000;
      limit.answered(Duration.ofMillis(20L * tokens), tokens, limit.current());
    }

    assertThat(limit.current()).isEqualTo(64);
  }

  @Test
  void ignoresNegligibleDelays() {
    answer(1_000, inFlight -> Duration.ofMillis(inFlight / 2 + 1));

    assertThat(limit.current()).isEqualTo(64);
  }

  @Test
  void adaptsWhenAllAnswersBecomeSlower() {
    answer(500, inFlight -> Duration.ofMillis(100));

    answer(1_000, inFlight -> Duration.ofSeconds(5));

    assertThat(limit.current()).isEqualTo(64);
  }

  @Test
  void halvesOnceForRequestsInFlightTogether() {
    answer(1_000, inFlight -> Duration.ofMillis(200));

    for (int i = 0; i < 30; i++) {
      limit.overloaded("429");
    }
    assertThat(limit.current()).isEqualTo(32);

    now.addAndGet(Duration.ofSeconds(2).toNanos());
    limit.overloaded("429");
    assertThat(limit.current()).isEqualTo(16);
  }

  @Test
  void growsByOneAfterASetback() {
    answer(1_000, inFlight -> Duration.ofMillis(200));
    limit.overloaded("429");

    answer(32, inFlight -> Duration.ofMillis(200));

    assertThat(limit.current()).isEqualTo(33);
  }

  @Test
  void neverFallsBelowItsFloor() {
    var bounded = new AdaptiveLimit("u", 3, 8, 2.5, now::get);
    for (int i = 0; i < 10; i++) {
      now.addAndGet(Duration.ofSeconds(2).toNanos());
      bounded.overloaded("503");
    }

    assertThat(bounded.current()).isEqualTo(3);
  }

  @Test
  void doesNotGrowWhileTheLimitIsNotReached() {
    for (int i = 0; i < 100; i++) {
      limit.answered(Duration.ofMillis(100), 1, 0);
    }

    assertThat(limit.current()).isEqualTo(1);
  }

  private void answer(int times, IntFunction<Duration> time) {
    for (int i = 0; i < times; i++) {
      int inFlight = limit.current();
      limit.answered(time.apply(inFlight), 1, inFlight);
    }
  }
}

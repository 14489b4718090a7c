package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateTest {
  private final AtomicLong now = new AtomicLong();
  private final Rate rate = new Rate(now::get);

  @Test
  void isAccurateFromTheFirstSeconds() {
    count(5, 10);

    assertThat(rate.perSecond()).isCloseTo(10, within(1.5));
  }

  @Test
  void followsRecentEvents() {
    count(300, 10);
    count(120, 2);

    assertThat(rate.perSecond()).isCloseTo(2, within(0.5));
  }

  @Test
  void isZeroAtFirst() {
    assertThat(rate.perSecond()).isZero();
  }

  private void count(int seconds, int each) {
    for (int i = 0; i < seconds; i++) {
      now.addAndGet(Duration.ofSeconds(1).toNanos());
      rate.count(each);
    }
  }
}

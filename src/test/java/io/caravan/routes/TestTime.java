package io.caravan.routes;

import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;

/** The time of day, which somebody can set to another. */
final class TestTime extends Clock {
  private volatile Duration off = Duration.ZERO;

  void shift(Duration by) {
    off = off.plus(by);
  }

  /** Lets a minute pass again and again until that holds. */
  void shiftUntil(Callable<Boolean> holds) {
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          shift(Duration.ofMinutes(1));
          return holds.call();
        });
  }

  @Override
  public Instant instant() {
    return Clock.systemUTC().instant().plus(off);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }
}

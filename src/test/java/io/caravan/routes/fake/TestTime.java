package io.caravan.routes.fake;

import static org.awaitility.Awaitility.await;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;

/** A clock that can be shifted. */
public final class TestTime extends Clock {
  private volatile Duration off = Duration.ZERO;

  public void shift(Duration by) {
    off = off.plus(by);
  }

  /** Advances by one minute at a time until the condition holds. */
  public void shiftUntil(Callable<Boolean> holds) {
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

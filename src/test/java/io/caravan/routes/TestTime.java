package io.caravan.routes;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time of day, which somebody can set to another. */
final class TestTime extends Clock {
  private volatile Duration off = Duration.ZERO;

  void shift(Duration by) {
    off = off.plus(by);
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

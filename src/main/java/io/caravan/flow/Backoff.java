package io.caravan.flow;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waiting times that grow from one bound to the other, each off by up to a tenth so that waiters
 * spread.
 */
public record Backoff(Duration initial, Duration max, double factor) {
  public Duration after(int failures) {
    return Duration.ofMillis(
        Math.round(millis(failures) * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
  }

  /** Half of that time, more or less: who is asked anyway may be asked a little early. */
  public Duration halfAfter(int failures) {
    return Duration.ofMillis(Math.round(millis(failures) / 2));
  }

  private double millis(int failures) {
    double millis = (double) initial.toMillis() * Math.pow(factor, Math.min(failures, 60));
    return Math.min(millis, (double) max.toMillis());
  }
}

package io.caravan.flow;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Exponential backoff from an initial to a maximum wait, with 10% jitter. */
public record Backoff(Duration initial, Duration max, double factor) {
  public Duration after(int failures) {
    return Duration.ofMillis(
        Math.round(millis(failures) * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
  }

  /** Half of that wait, without jitter, to include what is polled soon anyway. */
  public Duration halfAfter(int failures) {
    return Duration.ofMillis(Math.round(millis(failures) / 2));
  }

  private double millis(int failures) {
    double millis = (double) initial.toMillis() * Math.pow(factor, Math.min(failures, 60));
    return Math.min(millis, (double) max.toMillis());
  }
}

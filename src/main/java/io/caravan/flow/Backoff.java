package io.caravan.flow;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Waiting times that grow from one bound to the other, each off by up to a tenth so that waiters
 * spread.
 */
record Backoff(Duration initial, Duration max, double factor) {
  Duration after(int failures) {
    double millis = (double) initial.toMillis() * Math.pow(factor, Math.min(failures, 60));
    double bounded = Math.min(millis, (double) max.toMillis());
    return Duration.ofMillis(
        Math.round(bounded * ThreadLocalRandom.current().nextDouble(0.9, 1.1)));
  }
}

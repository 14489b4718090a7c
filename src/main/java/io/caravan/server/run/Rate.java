package io.caravan.server.run;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * An exponentially decaying rate per second; events 30 s ago weigh about a third of current ones.
 */
final class Rate {
  private static final double SECONDS = 30;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final long start;
  private long last;
  private double weighted;

  Rate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.start = nanoTime.getAsLong();
    this.last = start;
  }

  void count(int more) {
    lock.lock();
    try {
      fade();
      weighted += more;
    } finally {
      lock.unlock();
    }
  }

  double perSecond() {
    lock.lock();
    try {
      fade();
      double lived = 1 - Math.exp(-(last - start) / 1e9 / SECONDS);
      return lived <= 0 ? 0 : weighted / SECONDS / lived;
    } finally {
      lock.unlock();
    }
  }

  private void fade() {
    long now = nanoTime.getAsLong();
    weighted *= Math.exp(-(now - last) / 1e9 / SECONDS);
    last = now;
  }
}

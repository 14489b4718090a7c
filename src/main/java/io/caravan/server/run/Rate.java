package io.caravan.server.run;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How many a second there were lately: those of half a minute ago count a third of those of now.
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

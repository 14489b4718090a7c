package io.caravan.call;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The adaptive concurrency limit of an upstream: plus one after each window of good answers
 * (doubled until the first setback), minus a fifth when answers take several times the best time,
 * halved on overload. The best time is measured anew when the limit reaches its floor.
 *
 * <p>Times are compared per output token, because long answers are no sign of a queue.
 */
final class AdaptiveLimit {
  private static final Logger log = LoggerFactory.getLogger(AdaptiveLimit.class);

  /** Smaller windows are too noisy. */
  private static final int MIN_WINDOW = 4;

  /** Windows with a shorter average response time never count as slow. */
  private static final Duration SLACK = Duration.ofMillis(50);

  private final String name;
  private final int floor;
  private final int ceiling;
  private final double tolerance;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  private volatile int limit;
  private boolean rising = true;
  private double best = Double.MAX_VALUE;
  private long quietUntil;
  private int answers;
  private boolean full;
  private long nanos;
  private long tokens;

  AdaptiveLimit(String name, int floor, int ceiling, double tolerance, LongSupplier nanoTime) {
    this.name = name;
    this.floor = Math.min(floor, ceiling);
    this.ceiling = ceiling;
    this.tolerance = tolerance;
    this.nanoTime = nanoTime;
    this.limit = this.floor;
    this.quietUntil = nanoTime.getAsLong();
  }

  int current() {
    return limit;
  }

  /**
   * Records a good answer.
   *
   * @param written output tokens of the answer; 0 if it does not report them
   * @param inFlight requests in flight when this one was sent
   */
  void answered(Duration time, long written, int inFlight) {
    lock.lock();
    try {
      answers++;
      nanos += time.toNanos();
      tokens += Math.max(1, written);
      full |= inFlight >= limit;
      if (answers >= Math.max(limit, MIN_WINDOW)) {
        closeWindow();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Records an overload; several within a second count once, since those requests ran together. */
  void overloaded(String reason) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (now - quietUntil >= 0) {
        quietUntil = now + Duration.ofSeconds(1).toNanos();
        become(limit / 2, reason);
      }
      newWindow();
    } finally {
      lock.unlock();
    }
  }

  private void closeWindow() {
    double perToken = (double) nanos / tokens;
    boolean slow = nanos / answers > SLACK.toNanos() && perToken > tolerance * best;
    if (slow && limit > floor) {
      become((int) (limit * 0.8), "answers take %.1f times as long".formatted(perToken / best));
    } else if (!slow && full) {
      limit = Math.min(ceiling, rising ? limit * 2 : limit + 1);
    }
    if (slow && limit == floor) {
      // the limit cannot go lower, so this is the new best time
      best = perToken;
      rising = true;
    }
    best = Math.min(best, perToken);
    newWindow();
  }

  private void become(int fewer, String reason) {
    int before = limit;
    limit = Math.max(floor, fewer);
    rising = false;
    if (limit != before) {
      log.debug("upstream={} concurrency {} -> {}: {}", name, before, limit, reason);
    }
  }

  private void newWindow() {
    answers = 0;
    nanos = 0;
    tokens = 0;
    full = false;
  }
}

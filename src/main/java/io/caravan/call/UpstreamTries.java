package io.caravan.call;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests in flight to one upstream and those waiting for a retry. A waiting request
 * frees its slot; when its delay is over, it gets the next free slot before new requests.
 */
final class UpstreamTries {
  private final EventLoopGroup timer;
  private final IntSupplier limit;
  private final AtomicInteger onTheirWay = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<Waiting> due = new ConcurrentLinkedQueue<>();

  /**
   * @param limit the current limit of requests in flight; at least one
   */
  UpstreamTries(EventLoopGroup timer, IntSupplier limit) {
    this.timer = timer;
    this.limit = limit;
  }

  AtomicInteger onTheirWay() {
    return onTheirWay;
  }

  AtomicInteger waiting() {
    return waiting;
  }

  /** Starts an attempt without a check of the limit: the caller has reserved a slot. */
  void begin(Runnable first) {
    onTheirWay.incrementAndGet();
    first.run();
  }

  /** Ends an attempt, with any outcome, and starts the next due retry. */
  void end() {
    onTheirWay.decrementAndGet();
    admit();
  }

  /** Registers a retry; its delay starts with {@link Waiting#begin}. */
  Waiting waiting(Runnable next) {
    waiting.incrementAndGet();
    return new Waiting(next);
  }

  private void admit() {
    while (!due.isEmpty() && enter()) {
      Waiting first = due.poll();
      if (first == null || !first.leave()) {
        onTheirWay.decrementAndGet(); // another thread took it, or it was cancelled
      } else {
        first.next.run();
      }
    }
  }

  private boolean enter() {
    int now = onTheirWay.get();
    while (now < limit.getAsInt()) {
      if (onTheirWay.compareAndSet(now, now + 1)) {
        return true;
      }
      now = onTheirWay.get();
    }
    return false;
  }

  /** A request that waits for its retry, which counts as in flight once it is run. */
  final class Waiting {
    private final Runnable next;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable Future<?> timing;

    private Waiting(Runnable next) {
      this.next = next;
    }

    /** Waits for the delay, and then for a free slot. */
    void begin(Duration wait) {
      timing =
          timer.schedule(
              () -> {
                due.add(this);
                admit();
              },
              wait.toNanos(),
              TimeUnit.NANOSECONDS);
    }

    /** Cancels the retry; returns false when it has already started or been cancelled. */
    boolean cancel() {
      if (!leave()) {
        return false;
      }
      Future<?> running = timing;
      if (running != null) {
        running.cancel(false);
      }
      due.remove(this);
      return true;
    }

    private boolean leave() {
      boolean first = over.compareAndSet(false, true);
      if (first) {
        waiting.decrementAndGet();
      }
      return first;
    }
  }
}

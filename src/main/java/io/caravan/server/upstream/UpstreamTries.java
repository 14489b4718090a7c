package io.caravan.server.upstream;

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
 * The tries of requests at one upstream: those on their way, and those that wait for another one.
 * Who waits leaves the room to others, and is let in before them when the wait is over.
 */
final class UpstreamTries {
  private final EventLoopGroup timer;
  private final IntSupplier limit;
  private final AtomicInteger onTheirWay = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<Waiting> due = new ConcurrentLinkedQueue<>();

  /**
   * @param limit how many may be on their way at once, at this moment; at least one
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

  /** Somebody sets out, and had room for it. */
  void begin(Runnable first) {
    onTheirWay.incrementAndGet();
    first.run();
  }

  /** Somebody is back, whatever came of it. */
  void end() {
    onTheirWay.decrementAndGet();
    admit();
  }

  /** Somebody who has begun to wait, but whose time does not run yet. */
  Waiting waiting(Runnable next) {
    waiting.incrementAndGet();
    return new Waiting(next);
  }

  private void admit() {
    while (!due.isEmpty() && enter()) {
      Waiting first = due.poll();
      if (first == null || !first.leave()) {
        onTheirWay.decrementAndGet(); // another thread was faster, or it was called off
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

  /** Somebody who waits for another try, which has begun when it is run. */
  final class Waiting {
    private final Runnable next;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable Future<?> timing;

    private Waiting(Runnable next) {
      this.next = next;
    }

    /** From now on so long, and then until there is room. */
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

    /** False when it goes on already. */
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

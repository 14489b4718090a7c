package io.caravan.flow.synchronous;

import io.caravan.call.AdaptiveCalls;
import io.caravan.call.Call;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** The calls to one provider and tier; the runs that use it take turns. */
final class Lane implements AutoCloseable {
  /** How often a run looks whether the concurrency limit, the time or a stop has changed. */
  private static final long LOOK_MILLIS = 50;

  private final AdaptiveCalls<Heard> calls;
  private final String base;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Long> waiting = new ArrayDeque<>();
  private long turns;
  private int inFlight;
  private long bytesInFlight;

  /**
   * @param base the path of the provider's base URL
   * @param mostBytes of all requests in flight; a single request may be larger
   */
  Lane(AdaptiveCalls<Heard> calls, String base, long mostBytes) {
    this.calls = calls;
    this.base = base;
    this.mostBytes = mostBytes;
  }

  /** Waits for a slot; returns false if the run has ended before. */
  boolean take(int bytes, BooleanSupplier ended) throws InterruptedException {
    lock.lock();
    Long turn = turns++;
    try {
      waiting.add(turn);
      while (!turn.equals(waiting.peek()) || !hasRoom(bytes)) {
        if (ended.getAsBoolean()) {
          return false;
        }
        var unused = changed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
      inFlight++;
      bytesInFlight += bytes;
      return true;
    } finally {
      waiting.remove(turn);
      changed.signalAll();
      lock.unlock();
    }
  }

  private boolean hasRoom(int bytes) {
    return inFlight < calls.concurrency() && (inFlight == 0 || bytesInFlight + bytes <= mostBytes);
  }

  void giveBack(int bytes) {
    lock.lock();
    try {
      inFlight--;
      bytesInFlight -= bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends a request; the slot stays taken until {@link #giveBack}. */
  CompletableFuture<Heard> post(String path, byte[] body, Call call) {
    return calls.post(base + path, () -> body, call);
  }

  @Override
  public void close() {
    calls.close();
  }
}

package io.caravan.flow.synchronous;

import java.time.Duration;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Requests that wait to be sent again: only their places in the file, not their bytes. */
final class WaitingAttempts {
  private final PriorityQueue<Due> queue =
      new PriorityQueue<>((one, other) -> Long.signum(one.nanoTime - other.nanoTime));

  private record Due(Attempt attempt, long nanoTime) {}

  void add(Attempt next, Duration wait) {
    queue.add(new Due(next, System.nanoTime() + wait.toNanos()));
  }

  int size() {
    return queue.size();
  }

  /** Takes the first one that is due; null if none is. */
  @Nullable Attempt poll() {
    Due first = queue.peek();
    if (first == null || first.nanoTime - System.nanoTime() > 0) {
      return null;
    }
    queue.remove();
    return first.attempt;
  }

  /** How long until the first one is due; at least one nanosecond. */
  long nanosUntilDue() {
    Due first = queue.peek();
    return first == null ? Long.MAX_VALUE : Math.max(1, first.nanoTime - System.nanoTime());
  }
}

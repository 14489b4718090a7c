package io.caravan.server.run;

import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.wire.BatchUsage;
import java.util.concurrent.locks.ReentrantLock;

/** The counts and token usage of a running batch. */
public final class Tally {
  private final ReentrantLock lock = new ReentrantLock();
  private BatchProgress progress;

  /** Starts at zero answers; existing answers are read back from the result files. */
  public Tally(BatchProgress progress) {
    this.progress = BatchProgress.start(progress.model(), progress.counts().total());
  }

  void succeeded(BatchUsage usage) {
    count(1, 0, usage);
  }

  void failed() {
    count(0, 1, BatchUsage.NONE);
  }

  /** The number of unanswered requests. */
  int left() {
    StoredBatchCounts counts = progress().counts();
    return counts.total() - counts.completed() - counts.failed();
  }

  BatchProgress progress() {
    lock.lock();
    try {
      return progress;
    } finally {
      lock.unlock();
    }
  }

  private void count(int completed, int failed, BatchUsage usage) {
    lock.lock();
    try {
      StoredBatchCounts counts = progress.counts();
      progress =
          new BatchProgress(
              progress.model(),
              new StoredBatchCounts(
                  counts.total(), counts.completed() + completed, counts.failed() + failed),
              progress.usage().plus(usage));
    } finally {
      lock.unlock();
    }
  }
}

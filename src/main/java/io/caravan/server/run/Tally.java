package io.caravan.server.run;

import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.wire.BatchUsage;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the answers of a running batch. */
public final class Tally {
  private final ReentrantLock lock = new ReentrantLock();
  private BatchProgress progress;

  /** Starts from nothing answered; what is answered is read back from the result files. */
  public Tally(BatchProgress progress) {
    this.progress = BatchProgress.start(progress.model(), progress.counts().total());
  }

  void succeeded(BatchUsage usage) {
    count(1, 0, usage);
  }

  void failed() {
    count(0, 1, BatchUsage.NONE);
  }

  /** How many have no answer yet. */
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

package io.caravan.server;

import java.util.concurrent.locks.ReentrantLock;

/** Counts the answers of a running batch. */
final class Tally {
  private final ReentrantLock lock = new ReentrantLock();
  private Progress progress;

  /** Starts from nothing answered; what is answered is read back from the result files. */
  Tally(Progress progress) {
    this.progress = Progress.start(progress.model(), progress.counts().total());
  }

  void succeeded(Usage usage) {
    count(1, 0, usage);
  }

  void failed() {
    count(0, 1, Usage.NONE);
  }

  /** How many have no answer yet. */
  int left() {
    RequestCounts counts = progress().counts();
    return counts.total() - counts.completed() - counts.failed();
  }

  Progress progress() {
    lock.lock();
    try {
      return progress;
    } finally {
      lock.unlock();
    }
  }

  private void count(int completed, int failed, Usage usage) {
    lock.lock();
    try {
      RequestCounts counts = progress.counts();
      progress =
          new Progress(
              progress.model(),
              new RequestCounts(
                  counts.total(), counts.completed() + completed, counts.failed() + failed),
              progress.usage().plus(usage));
    } finally {
      lock.unlock();
    }
  }
}

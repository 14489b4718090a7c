package io.caravan.server;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A request while it is being answered, which another thread may call off. */
final class Call {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final AtomicInteger retries = new AtomicInteger();
  private final boolean patient;
  private boolean cancelled;
  private @Nullable Runnable abort;

  /**
   * @param patient whether an upstream that is away or loads its model is waited for; somebody who
   *     waits for the answer rather hears so
   */
  Call(boolean patient) {
    this.patient = patient;
  }

  boolean patient() {
    return patient;
  }

  void cancel() {
    lock.lock();
    try {
      cancelled = true;
      changed.signalAll();
      if (abort != null) {
        abort.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Says how the try that begins is broken off; null when it has ended. */
  void during(@Nullable Runnable newAbort) throws InterruptedException {
    lock.lock();
    try {
      abort = newAbort;
      check();
    } finally {
      lock.unlock();
    }
  }

  void check() throws InterruptedException {
    lock.lock();
    try {
      if (cancelled) {
        throw new InterruptedException("called off");
      }
    } finally {
      lock.unlock();
    }
  }

  void pause(Duration wait) throws InterruptedException {
    lock.lock();
    try {
      long left = wait.toNanos();
      while (left > 0 && !cancelled) {
        left = changed.awaitNanos(left);
      }
      check();
    } finally {
      lock.unlock();
    }
  }

  void retried() {
    retries.incrementAndGet();
  }

  int retries() {
    return retries.get();
  }
}

package io.caravan.call;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A running request that another thread may cancel. */
public final class Call {
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger retries = new AtomicInteger();
  private final boolean patient;
  private boolean cancelled;
  private @Nullable Runnable abort;

  /**
   * @param patient whether to wait for an upstream that is down or loads its model; interactive
   *     requests fail instead
   */
  public Call(boolean patient) {
    this.patient = patient;
  }

  public boolean patient() {
    return patient;
  }

  public void cancel() {
    Runnable running;
    lock.lock();
    try {
      cancelled = true;
      running = abort;
    } finally {
      lock.unlock();
    }
    if (running != null) {
      running.run();
    }
  }

  public boolean cancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sets how to abort the step that starts now; aborts it at once if the call is already cancelled.
   *
   * @param newAbort must do nothing when the step has ended
   */
  public void during(Runnable newAbort) {
    boolean late;
    lock.lock();
    try {
      abort = newAbort;
      late = cancelled;
    } finally {
      lock.unlock();
    }
    if (late) {
      newAbort.run();
    }
  }

  /** Throws {@link CancellationException} if the call was cancelled. */
  public void check() {
    if (cancelled()) {
      throw new CancellationException("cancelled");
    }
  }

  public void retried() {
    retries.incrementAndGet();
  }

  public int retries() {
    return retries.get();
  }
}

package io.caravan.server.backend;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A request while it is being answered, which another thread may call off. */
public final class Call {
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicInteger retries = new AtomicInteger();
  private final boolean patient;
  private boolean cancelled;
  private @Nullable Runnable abort;

  /**
   * @param patient whether an upstream that is away or loads its model is waited for; somebody who
   *     waits for the answer rather hears so
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
   * Says how what begins is broken off; it is at once, when the call was called off before.
   *
   * @param newAbort does no harm when that has ended
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

  /** Throws {@link CancellationException} when it was called off. */
  public void check() {
    if (cancelled()) {
      throw new CancellationException("called off");
    }
  }

  public void retried() {
    retries.incrementAndGet();
  }

  public int retries() {
    return retries.get();
  }
}

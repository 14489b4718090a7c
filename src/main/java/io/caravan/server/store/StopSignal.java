package io.caravan.server.store;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Signals a run to stop. Its thread is interrupted only inside {@link #during}, since an interrupt
 * during an SQL statement would break the database connection.
 */
public final class StopSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Stop reason;
  private @Nullable Thread thread;
  private boolean pending;

  /** Stops the run. The first reason wins, except that a pause overrides any other. */
  public void stop(Stop next) {
    lock.lock();
    try {
      if (reason == null || next == Stop.PAUSE) {
        reason = next;
        pending = true;
        if (thread != null) {
          thread.interrupt();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  public @Nullable Stop reason() {
    return reason;
  }

  /** Runs a step that a stop interrupts, including a stop signalled before it. */
  public <T> T during(Step<T> step) throws IOException, InterruptedException {
    enter();
    boolean cut = true;
    try {
      T result = step.take();
      cut = false;
      return result;
    } catch (IOException | RuntimeException e) {
      cut = false;
      throw e;
    } finally {
      leave(cut);
    }
  }

  private void enter() throws InterruptedException {
    lock.lock();
    try {
      if (pending) {
        pending = false;
        throw new InterruptedException();
      }
      thread = Thread.currentThread();
    } finally {
      lock.unlock();
    }
  }

  /** A stop that came too late for this step interrupts the next one. */
  private void leave(boolean cut) {
    lock.lock();
    try {
      thread = null;
      boolean late = Thread.interrupted();
      pending = late || (pending && !cut);
    } finally {
      lock.unlock();
    }
  }

  /** An interruptible step that may take long. */
  public interface Step<T> {
    T take() throws IOException, InterruptedException;
  }
}

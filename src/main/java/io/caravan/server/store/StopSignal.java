package io.caravan.server.store;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Tells a run to stop. Its thread is interrupted where it says so and nowhere else, since an
 * interrupt in the middle of a statement would break the connection to the database.
 */
public final class StopSignal {
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Stop reason;
  private @Nullable Thread thread;
  private boolean pending;

  /** The first reason counts, but for a pause. */
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

  /** Takes a step that a stop cuts short, also one that came before it. */
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

  /** A stop that came too late for this step cuts the next one short. */
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

  /** What waits or works for long. */
  public interface Step<T> {
    T take() throws IOException, InterruptedException;
  }
}

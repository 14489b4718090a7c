package io.caravan.server;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A value made at its first use. */
final class Lazy<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Supplier<T> maker;
  private volatile @Nullable T value;

  Lazy(Supplier<T> maker) {
    this.maker = maker;
  }

  T get() {
    T made = value;
    return made != null ? made : make();
  }

  private T make() {
    lock.lock();
    try {
      T made = value != null ? value : maker.get();
      value = made;
      return made;
    } finally {
      lock.unlock();
    }
  }
}

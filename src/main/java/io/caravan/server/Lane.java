package io.caravan.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives out the rooms of one backend: first to those who wait for their answer, then to batches in
 * turn, each as often as its weight says. A request is read once there is room for it, so memory
 * holds no more of them than are being answered.
 *
 * <p>The threads are the platform's: the same calls on virtual ones cost 1.7 times the CPU.
 */
final class Lane {
  private static final Logger log = LoggerFactory.getLogger(Lane.class);

  private final Backend backend;
  private final Share share;
  private final ExecutorService threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Runnable> direct = new ArrayDeque<>();
  private final List<Place> places = new ArrayList<>();
  private int running;
  private int runningForBatches;

  Lane(Backend backend, Share share, ExecutorService threads) {
    this.backend = backend;
    this.share = share;
    this.threads = threads;
  }

  Backend backend() {
    return backend;
  }

  /** Takes requests from a batch until it has no more, or is removed. */
  void add(Feed feed) {
    lock.lock();
    try {
      Place first = first();
      places.add(new Place(feed, first == null ? 0 : first.turn));
      startThreads();
    } finally {
      lock.unlock();
    }
  }

  void remove(Feed feed) {
    lock.lock();
    try {
      places.removeIf(place -> place.feed.equals(feed));
    } finally {
      lock.unlock();
    }
  }

  /** Runs something before all batches, as soon as there is room. */
  void run(Runnable request) {
    lock.lock();
    try {
      direct.add(request);
      startThreads();
    } finally {
      lock.unlock();
    }
  }

  /** Looks whether there is more room than before. */
  void wake() {
    lock.lock();
    try {
      startThreads();
    } finally {
      lock.unlock();
    }
  }

  /** How full it is, from 0; more than 1 when requests wait. */
  double load() {
    lock.lock();
    try {
      return (double) (running + direct.size()) / Math.max(1, backend.concurrency());
    } finally {
      lock.unlock();
    }
  }

  private void startThreads() {
    int room = backend.concurrency() - running;
    int batchRoom = places.isEmpty() ? 0 : batchRoom();
    int wanted = Math.min(room, direct.size() + Math.max(0, batchRoom));
    for (int i = 0; i < wanted; i++) {
      running++;
      threads.execute(this::work);
    }
  }

  private int batchRoom() {
    return share.of(backend.concurrency()) - runningForBatches;
  }

  private void work() {
    Runnable next = next(false);
    while (next != null) {
      try {
        next.run();
      } catch (RuntimeException e) {
        log.error("A request to {} broke the server", backend.name(), e);
      }
      next = next(next instanceof Turn);
    }
  }

  /** What the calling thread does now; null when it is to end. */
  private @Nullable Runnable next(boolean afterBatch) {
    lock.lock();
    try {
      runningForBatches -= afterBatch ? 1 : 0;
      running--;
      Runnable next = running < backend.concurrency() ? pick() : null;
      if (next != null) {
        running++;
        startThreads();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Runnable pick() {
    Runnable waited = direct.poll();
    if (waited != null || batchRoom() <= 0) {
      return waited;
    }
    Place first = first();
    return first == null ? null : turn(first);
  }

  private Turn turn(Place place) {
    place.turn += 1.0 / place.feed.weight();
    runningForBatches++;
    return new Turn(place.feed);
  }

  private @Nullable Place first() {
    Place first = null;
    for (Place place : places) {
      first = first == null || place.turn < first.turn ? place : first;
    }
    return first;
  }

  /** One turn of a batch. */
  private final class Turn implements Runnable {
    private final Feed feed;

    Turn(Feed feed) {
      this.feed = feed;
    }

    @Override
    public void run() {
      if (!feed.runNext(backend)) {
        remove(feed);
      }
    }
  }

  /** A batch in the row, and how many turns it has had by its weight. */
  private static final class Place {
    private final Feed feed;
    private double turn;

    Place(Feed feed, double turn) {
      this.feed = feed;
      this.turn = turn;
    }
  }
}

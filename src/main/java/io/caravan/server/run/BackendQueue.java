package io.caravan.server.run;

import io.caravan.server.backend.Backend;
import io.caravan.server.settings.BatchShare;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one backend. Free slots go first to direct requests, then to batches in proportion
 * to their weights. A batch request is read only when a slot is free, so memory holds no more
 * requests than are in flight.
 *
 * <p>It has no threads: adding and ending requests start the next ones.
 */
final class BackendQueue {
  private static final Logger log = LoggerFactory.getLogger(BackendQueue.class);

  private final Backend backend;
  private final BatchShare share;
  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<PendingCall> direct = new ArrayDeque<>();
  private final List<Place> places = new ArrayList<>();
  private int running;
  private int runningForBatches;

  BackendQueue(Backend backend, BatchShare share) {
    this.backend = backend;
    this.share = share;
  }

  Backend backend() {
    return backend;
  }

  /** Adds a batch, which runs until it has no more requests or is removed. */
  void add(RequestSource feed) {
    lock.lock();
    try {
      Place first = first();
      places.add(new Place(feed, first == null ? 0 : first.turn));
    } finally {
      lock.unlock();
    }
    wake();
  }

  void remove(RequestSource feed) {
    lock.lock();
    try {
      places.removeIf(place -> place.feed.equals(feed));
    } finally {
      lock.unlock();
    }
  }

  /** Starts a direct request before all batches, as soon as a slot is free. */
  void run(PendingCall request) {
    lock.lock();
    try {
      direct.add(request);
    } finally {
      lock.unlock();
    }
    wake();
  }

  /** Starts requests while slots are free. */
  void wake() {
    for (Turn turn = next(); turn != null; turn = next()) {
      turn.begin();
    }
  }

  /** The load, from 0; more than 1 when requests are queued. */
  double load() {
    lock.lock();
    try {
      return (double) (running + direct.size()) / Math.max(1, backend.rooms());
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Turn next() {
    lock.lock();
    try {
      int rooms = backend.rooms();
      return running < rooms ? turn(rooms) : null;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Turn turn(int rooms) {
    PendingCall waited = direct.poll();
    if (waited != null) {
      running++;
      return new Turn(waited, null);
    }
    Place place = share.of(rooms) - runningForBatches > 0 ? first() : null;
    if (place == null) {
      return null;
    }
    running++;
    runningForBatches++;
    place.turn += 1.0 / place.feed.weight();
    return new Turn(end -> place.feed.beginNext(backend, end), place.feed);
  }

  private @Nullable Place first() {
    Place first = null;
    for (Place place : places) {
      first = first == null || place.turn < first.turn ? place : first;
    }
    return first;
  }

  /** A request in an occupied slot. */
  private final class Turn implements Runnable {
    private final PendingCall work;
    private final @Nullable RequestSource feed;
    private volatile boolean begun;

    Turn(PendingCall work, @Nullable RequestSource feed) {
      this.work = work;
      this.feed = feed;
    }

    void begin() {
      if (!tryBegin()) {
        if (feed != null) {
          remove(feed);
        }
        leave();
      }
      begun = true;
    }

    private boolean tryBegin() {
      try {
        return work.begin(this);
      } catch (RuntimeException e) {
        log.error("Unexpected error in a request to {}", backend.name(), e);
        return false;
      }
    }

    /** If the work finishes inside begin(), the caller of begin() starts the next one. */
    @Override
    public void run() {
      leave();
      if (begun) {
        wake();
      }
    }

    private void leave() {
      lock.lock();
      try {
        running--;
        runningForBatches -= feed == null ? 0 : 1;
      } finally {
        lock.unlock();
      }
    }
  }

  /** A queued batch, and its requests started so far divided by its weight. */
  private static final class Place {
    private final RequestSource feed;
    private double turn;

    Place(RequestSource feed, double turn) {
      this.feed = feed;
      this.turn = turn;
    }
  }
}

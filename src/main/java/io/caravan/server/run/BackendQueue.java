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
 * Gives out the rooms of one backend: first to those who wait for their answer, then to batches in
 * turn, each as often as its weight says. A request is read once there is room for it, so memory
 * holds no more of them than are being answered.
 *
 * <p>It has no threads: who comes, and who leaves a room, lets the next ones in.
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

  /** Takes requests from a batch until it has no more, or is removed. */
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

  /** Begins something before all batches, as soon as there is room. */
  void run(PendingCall request) {
    lock.lock();
    try {
      direct.add(request);
    } finally {
      lock.unlock();
    }
    wake();
  }

  /** Looks whether there is more room than before. */
  void wake() {
    for (Turn turn = next(); turn != null; turn = next()) {
      turn.begin();
    }
  }

  /** How full it is, from 0; more than 1 when requests wait. */
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

  /** Somebody in a room. */
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
        log.error("A request to {} broke the server", backend.name(), e);
        return false;
      }
    }

    /** Whoever began it looks for the next one, when it ends while it begins. */
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

  /** A batch in the row, and how many turns it has had by its weight. */
  private static final class Place {
    private final RequestSource feed;
    private double turn;

    Place(RequestSource feed, double turn) {
      this.feed = feed;
      this.turn = turn;
    }
  }
}

package io.caravan.queue.wait;

import io.caravan.queue.store.Ended;
import io.caravan.queue.store.EndedStore;
import io.caravan.queue.store.Position;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * Reads the requests that any replica has ended, as long as a connection waits. Rows of several
 * writers may become visible later than their times say, so the last seconds are read again, and
 * what was seen before is dropped.
 */
@Component
class EndedWatch implements DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(EndedWatch.class);
  private static final int ROWS = 1000;
  private static final long TURN = 250;
  private static final long LONGEST_TURN = 5000;

  /** A turn takes at most about this share of the time. */
  private static final long SHARE = 4;

  private static final long OVERLAP = 2000;

  /** A second, longer look for rows of slow commits and of replicas whose clocks differ. */
  private static final long LONG_OVERLAP = 15_000;

  private static final long LONG_TURN = 5000;

  /** What waits. All calls come from one thread. */
  interface Listener {
    /** Whether nothing waits. */
    boolean isIdle();

    /** Receives requests that ended, each once, nearly in order. */
    void ended(List<Ended> fresh);

    /** Does what is due from time to time. */
    void turn();
  }

  private final EndedStore store;
  private final Clock clock;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("queue-wait").daemon().factory());
  private boolean running;

  // used by the thread only
  private long lookedAt;
  private long lookedLongAt;
  private long forgotAt;
  private Set<String> seen = new HashSet<>();
  private Set<String> seenBefore = new HashSet<>();
  private boolean failing;

  EndedWatch(EndedStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  void add(Listener listener) {
    listeners.add(listener);
  }

  /** Watches until all listeners are idle. */
  synchronized void start() {
    if (!running && !thread.isShutdown()) {
      running = true;
      thread.execute(this::begin);
    }
  }

  private void begin() {
    lookedAt = clock.millis();
    lookedLongAt = lookedAt;
    seen = new HashSet<>();
    seenBefore = new HashSet<>();
    turn();
  }

  private void turn() {
    long began = System.nanoTime();
    boolean failed = !attempt(this::look);
    for (Listener listener : listeners) {
      failed |= !attempt(listener::turn);
    }
    failing = failed;
    again(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
  }

  private boolean attempt(Runnable step) {
    try {
      step.run();
      return true;
    } catch (DataAccessException e) {
      if (!failing) {
        LOG.warn("The store is not available, so held calls wait longer: {}", e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("Held calls may wait longer", e);
    }
    return false;
  }

  private synchronized void again(long taken) {
    running = !thread.isShutdown() && listeners.stream().anyMatch(it -> !it.isIdle());
    if (running) {
      var unused =
          thread.schedule(
              this::turn,
              failing ? LONGEST_TURN : Math.clamp(taken * SHARE, TURN, LONGEST_TURN),
              TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    long now = clock.millis();
    boolean isLong = now - lookedLongAt >= LONG_TURN;
    var position = new Position(isLong ? lookedLongAt - LONG_OVERLAP : lookedAt - OVERLAP, "");
    List<Ended> rows;
    do {
      rows = store.after(position, ROWS);
      report(rows);
      position = rows.isEmpty() ? position : rows.getLast().position();
    } while (rows.size() == ROWS);
    lookedAt = now;
    if (isLong) {
      lookedLongAt = now;
      forget(now);
    }
  }

  /** Keeps the ids of the last look and of at least a long overlap before it. */
  private void forget(long now) {
    if (now - forgotAt >= LONG_OVERLAP + LONG_TURN) {
      seenBefore = seen;
      seen = new HashSet<>();
      forgotAt = now;
    }
  }

  private void report(List<Ended> rows) {
    var fresh = new ArrayList<Ended>();
    for (Ended row : rows) {
      if (!seenBefore.contains(row.id()) && seen.add(row.id())) {
        fresh.add(row);
      }
    }
    if (!fresh.isEmpty()) {
      listeners.forEach(it -> it.ended(fresh));
    }
  }

  @Override
  public void destroy() {
    thread.shutdownNow();
  }
}

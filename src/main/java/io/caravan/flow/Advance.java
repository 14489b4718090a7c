package io.caravan.flow;

import io.caravan.batch.BatchStore;
import io.caravan.batch.Claimed;
import io.caravan.batch.Part;
import io.caravan.batch.StorePresence;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Finds what can go on: jobs and parts whose next step is due. */
@Component("advance")
public class Advance {
  private static final Logger LOG = LoggerFactory.getLogger(Advance.class);
  private static final int A_TURN = 8;
  private static final long IDLE_MILLIS = 150;
  private static final long BUSY_MILLIS = 10;

  private final BatchStore store;
  private final StorePresence presence;
  private final Pauses pauses;
  private final Slots slots;
  private final Clock clock;
  private final ClockJumps jumps;
  private volatile boolean busy;

  Advance(BatchStore store, StorePresence presence, Pauses pauses, Slots slots, Clock clock) {
    this.store = store;
    this.presence = presence;
    this.pauses = pauses;
    this.slots = slots;
    this.clock = clock;
    this.jumps = new ClockJumps(clock);
  }

  /** How long to wait before the next turn. */
  public long millisUntilNextTurn() {
    return busy ? BUSY_MILLIS : IDLE_MILLIS;
  }

  /** The rows to work on, ours until they are released. */
  public List<Claimed> claimDue() {
    presence.check();
    Instant now = clock.instant();
    if (jumps.wasSetBack()) {
      store.bringForward(now);
      LOG.warn("the clock was set back: what was due later is looked at now");
    }
    Set<String> paused = pauses.paused();
    List<Part> parts = store.claimParts(now, A_TURN, slots.withFull(paused, false));
    var due = new ArrayList<Claimed>(slots.admitted(pauses.admitted(parts, paused, store), store));
    due.addAll(store.claimJobs(now, A_TURN));
    busy = !due.isEmpty();
    return due;
  }
}

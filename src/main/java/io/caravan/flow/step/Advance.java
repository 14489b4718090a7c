package io.caravan.flow.step;

import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderWorkers;
import io.caravan.job.Claimed;
import io.caravan.job.Claims;
import io.caravan.job.Part;
import io.caravan.store.StorePresence;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Claims jobs and parts whose next step is due. */
@Component("advance")
public class Advance {
  private static final Logger LOG = LoggerFactory.getLogger(Advance.class);
  private static final int A_TURN = 8;
  private static final long IDLE_MILLIS = 150;
  private static final long BUSY_MILLIS = 10;

  private final Claims claims;
  private final StorePresence presence;
  private final Pauses pauses;
  private final ProviderWorkers workers;
  private final Clock clock;
  private final ClockJumps jumps;
  private volatile boolean busy;

  /** Whether a provider has no free worker; the next poll then follows as soon as it has one. */
  private volatile boolean full;

  private long freed;
  private long lookedAt = System.nanoTime();

  Advance(
      Claims claims, StorePresence presence, Pauses pauses, ProviderWorkers workers, Clock clock) {
    this.claims = claims;
    this.presence = presence;
    this.pauses = pauses;
    this.workers = workers;
    this.clock = clock;
    this.jumps = new ClockJumps(clock);
  }

  /** Time until the next poll. */
  public long millisUntilNextTurn() {
    return busy || full ? BUSY_MILLIS : IDLE_MILLIS;
  }

  /** Claims the rows to work on. */
  public List<Claimed> claimDue() {
    if (isTooSoon()) {
      return List.of();
    }
    presence.check();
    Instant now = clock.instant();
    if (jumps.wasSetBack()) {
      claims.bringForward(now);
      LOG.warn("the clock was set back: all waiting jobs and parts are due now");
    }
    Set<String> paused = pauses.paused();
    Set<String> leftAlone = workers.withFull(paused, false);
    full = leftAlone.size() > paused.size();
    List<Part> parts = claims.claimParts(now, A_TURN, leftAlone);
    var due =
        new ArrayList<Claimed>(workers.admitted(pauses.admitted(parts, paused, claims), claims));
    due.addAll(claims.claimJobs(now, A_TURN));
    busy = !due.isEmpty();
    return due;
  }

  /** Keeps the normal poll rate while all workers of a provider are busy. */
  private boolean isTooSoon() {
    long now = System.nanoTime();
    long given = workers.freed();
    if (full && !busy && given == freed && now - lookedAt < IDLE_MILLIS * 1_000_000) {
      return true;
    }
    freed = given;
    lookedAt = now;
    return false;
  }
}

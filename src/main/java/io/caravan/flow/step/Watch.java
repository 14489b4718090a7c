package io.caravan.flow.step;

import io.caravan.flow.Backoff;
import io.caravan.flow.ExchangeProperties;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderWorkers;
import io.caravan.job.Batch;
import io.caravan.job.BatchErrors;
import io.caravan.job.Claims;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartBuilder;
import io.caravan.job.PartStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.camel.ExchangeProperty;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Claims batches whose status poll is due, and schedules their next poll. */
@Component("watch")
public class Watch {
  private static final int A_TURN = 64;

  /** Batches that become due within this time are polled together. */
  private static final long SHORTEST_MILLIS = 100;

  private static final long BUSY_MILLIS = 10;
  private static final long LONGEST_MILLIS = 500;

  private final JobStore store;
  private final Claims claims;
  private final Clock clock;
  private final Pauses pauses;
  private final ProviderWorkers workers;
  private final JobsToEnd jobsToEnd;
  private final Admission admission;
  private final Backoff poll;
  private final PollPace pace;
  private final WakeUps wakeUps;
  private volatile boolean busy;

  Watch(
      JobStore store,
      Claims claims,
      Clock clock,
      Pauses pauses,
      ProviderWorkers workers,
      JobsToEnd jobsToEnd,
      Admission admission,
      PollPace pace,
      WakeUps wakeUps,
      FlowProperties.Poll poll) {
    this.store = store;
    this.claims = claims;
    this.pauses = pauses;
    this.workers = workers;
    this.jobsToEnd = jobsToEnd;
    this.admission = admission;
    this.clock = clock;
    this.pace = pace;
    this.wakeUps = wakeUps;
    this.poll = poll.backoff();
  }

  /** Time until the next poll, short enough to notice new batches and a shutdown. */
  public long millisUntilNextDue() {
    if (busy) {
      return BUSY_MILLIS;
    }
    long millis = LONGEST_MILLIS;
    try {
      millis =
          claims
              .nextBatchDue()
              .map(due -> Duration.between(clock.instant(), due).toMillis())
              .orElse(LONGEST_MILLIS);
    } catch (DataAccessException e) {
      // claimDue() reports it; the wait keeps the loop from spinning
    }
    return Math.clamp(millis, SHORTEST_MILLIS, LONGEST_MILLIS);
  }

  /** Claims the batches to poll. */
  public List<Part> claimDue() {
    busy = false; // even if the store fails
    wakeUps.repeatHeld();
    Set<String> paused = pauses.paused();
    List<Part> due = claims.claimBatches(clock.instant(), A_TURN, workers.withFull(paused, true));
    List<Part> admitted = workers.admitted(pauses.admitted(due, paused, claims), claims);
    busy = due.size() == A_TURN && !admitted.isEmpty();
    return admitted;
  }

  /** Whether to send the cancel request, which is sent once. */
  public boolean cancelDue(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    return part.submission().cancelledAt() == null
        && (part.calls().cutShort() != null || jobsToEnd.reason(part).isPresent());
  }

  /** Stores that the cancel request was sent. */
  public void cancelSent(@ExchangeProperty(ExchangeProperties.PART) Part part) {
    Instant now = clock.instant();
    store.update(
        part,
        b ->
            b.submission(part.submission().withCancelledAt(now))
                .schedule(part.schedule().withDueAt(now.plus(poll.after(0)))));
  }

  /** Stores the status that the provider returned, and when to poll again. */
  public void record(
      @ExchangeProperty(ExchangeProperties.PART) Part part,
      @ExchangeProperty(ExchangeProperties.BATCH) Batch batch) {
    Admission.noRoom(batch)
        .ifPresentOrElse(said -> admission.turnedAway(part, said), () -> write(part, batch));
  }

  private void write(Part part, Batch batch) {
    if (!batch.status().terminal()) {
      store.askAgain(part, asked(part, batch, next(part)));
      return;
    }
    Instant now = clock.instant();
    store.update(
        part,
        asked(part, batch, now)
            .andThen(b ->
                b.status(PartStatus.ENDED)
                    .submission(
                        b.submission()
                            .withBatchErrors(BatchErrors.write(batch.errors()))
                            .ended(now))));
    admission.ended(part);
  }

  private Instant next(Part part) {
    return clock.instant().plus(pace.of(part.provider()).after(part.submission().polls()));
  }

  private Consumer<PartBuilder> asked(Part part, Batch batch, Instant next) {
    return b ->
        b.submission(part.submission().polled(batch, clock.instant()))
            .schedule(part.schedule().worked().withDueAt(next));
  }
}

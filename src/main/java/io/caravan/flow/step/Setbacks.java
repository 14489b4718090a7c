package io.caravan.flow.step;

import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.Backoff;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Outages;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderContacts;
import io.caravan.job.BatchError;
import io.caravan.job.BatchErrors;
import io.caravan.job.Claimed;
import io.caravan.job.Claims;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.Schedule;
import io.caravan.lease.StaleRowException;
import io.caravan.provider.RejectedByProviderException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Decides whether a failed step of a job or part is retried, parked or ends it. */
@Component("setbacks")
public class Setbacks {
  private static final Logger LOG = LoggerFactory.getLogger(Setbacks.class);
  private static final Duration LONGEST_WAIT = Duration.ofHours(1); // caps Retry-After

  /** Infrastructure such as disks and outboxes may fail this many times more often. */
  private static final int AROUND = 10;

  private static final Duration TELL_EVERY = Duration.ofSeconds(10);

  private final JobStore store;
  private final Claims claims;
  private final Clock clock;
  private final Backoff retry;
  private final int parkAfter;
  private final ProviderContacts contacts;
  private final Pauses pauses;
  private final SetbackLog log;
  private final EndedEarly endedEarly;
  private final RoomWaits rooms;
  private volatile Instant toldAt = Instant.EPOCH;

  Setbacks(
      JobStore store,
      Claims claims,
      Clock clock,
      FlowProperties.Retry retry,
      ProviderContacts contacts,
      Pauses pauses,
      Outages outages,
      EndedEarly endedEarly,
      RoomWaits rooms) {
    this.store = store;
    this.claims = claims;
    this.clock = clock;
    this.retry = retry.backoff();
    this.parkAfter = retry.parkAfter();
    this.contacts = contacts;
    this.pauses = pauses;
    this.log = new SetbackLog(outages);
    this.endedEarly = endedEarly;
    this.rooms = rooms;
  }

  /** Schedules a retry of the step with growing waits and releases its row. */
  void tryAgainLater(Claimed claimed, Exception caught) {
    StepFailure failure = StepFailure.of(caught);
    StaleRowException stale = failure.find(StaleRowException.class);
    if (stale != null) {
      LOG.info("{}={} released: {}", SetbackLog.kind(claimed), claimed.id(), stale.getMessage());
      claims.release(claimed);
      return;
    }
    rooms.note(claimed.id(), SetbackLog.kind(claimed) + " " + claimed.id(), failure.cause());
    if (claimed instanceof Part part) {
      tellContacts(part, failure);
    }
    boolean parks = claimed.schedule().tries() + 1 >= most(claimed, failure);
    Duration wait = waitAfter(claimed, failure);
    try {
      if (endedEarly.ends(claimed, parkAfter)) {
        endedEarly.end(claimed, failure.text());
        return;
      }
      postpone(claimed, new Setback(failure, clock.instant().plus(wait), parks));
      if (parks) {
        log.parked(claimed, failure);
      } else {
        log.retrying(claimed, wait, failure);
      }
    } catch (DataAccessException | StaleRowException e) {
      LOG.warn(
          "{}={} failed ({}) and the store cannot record it: {}",
          SetbackLog.kind(claimed),
          claimed.id(),
          failure.text(),
          StepFailure.of(e).text());
    } finally {
      claims.release(claimed);
    }
  }

  private void tellContacts(Part part, StepFailure failure) {
    if (failure.isAccessRefused()) {
      pauses.refused(part.provider(), failure.text());
    } else if (failure.isCallFailure()) {
      contacts.note(part.provider(), failure.text());
      if (failure.isTimeout()) {
        contacts.timedOut(part.provider(), failure.text());
      }
    }
  }

  private record Setback(StepFailure failure, Instant due, boolean parks) {
    /** Counts the failure, and parks the step or retries it. */
    Schedule of(Schedule before, Instant now) {
      return before.failed(failure.text(), due).withParkedAt(parks ? now : null);
    }
  }

  private void postpone(Claimed claimed, Setback setback) {
    switch (claimed) {
      case Job job ->
          store
              .held(job)
              .ifPresent(row ->
                  store.update(row, b -> b.schedule(setback.of(row.schedule(), clock.instant()))));
      case Part part ->
          store.held(part).ifPresent(row -> postpone(row, row.status() != part.status(), setback));
    }
  }

  /**
   * Reverts the status if the call was certainly not sent; else marks its outcome as unclear.
   *
   * @param began whether the failed call started in this step; if it started in an earlier one, the
   *     failure may be that of the search for its outcome
   */
  private void postpone(Part row, boolean began, Setback setback) {
    boolean sending = row.status() == PartStatus.UPLOADING || row.status() == PartStatus.CREATING;
    store.update(
        row,
        b -> {
          b.schedule(setback.of(row.schedule(), clock.instant()));
          if (sending && began && setback.failure().isNeverSent()) {
            boolean creating = row.status() == PartStatus.CREATING;
            b.status(creating ? PartStatus.UPLOADED : PartStatus.PLANNED)
                .submission(
                    creating
                        ? row.submission().withUnclearSince(null)
                        : row.submission().uploadNotSent());
          } else if (sending) {
            b.submission(row.submission().withUnclearSince(clock.instant()));
          } else {
            b.submission(row.submission().withRoomSince(null)); // others need not wait for it
          }
        });
  }

  /** Ends a rejected part, unless it may already have been paid for. */
  void refuse(Claimed claimed, RejectedByProviderException cause) {
    Part row = claimed instanceof Part part ? store.part(part.id()).orElse(null) : null;
    if (row == null || !row.status().canBecome(PartStatus.REFUSED)) {
      tryAgainLater(claimed, cause);
      return;
    }
    String text = StepFailure.of(cause).text();
    var error = new BatchError(cause.code(), "the provider refused the batch: " + text, null, null);
    store.update(
        row,
        b ->
            b.status(PartStatus.REFUSED)
                .submission(
                    row.submission()
                        .withBatchErrors(BatchErrors.write(List.of(error)))
                        .withEndedAt(clock.instant()))
                .schedule(row.schedule().withSetback(text)));
    claims.release(claimed);
    LOG.warn("part={} refused by {}: {}", row.id(), row.provider(), text);
  }

  /** Logs that a file could not be stored; it stays in its inbox. */
  public void notStored(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception cause) {
    if (ObjectHelper.getException(AnotherReadsException.class, cause) != null) {
      LOG.debug(cause.getMessage());
    } else if (new StepFailure(cause).isExpected()) {
      LOG.warn(cause.getMessage());
    } else {
      LOG.warn("a file could not be stored and stays in its inbox", cause);
    }
  }

  /** Logs that a polling loop failed, as with a locked store, at most once every 10 s. */
  public void turnFailed(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception cause) {
    Instant now = clock.instant();
    if (toldAt.plus(TELL_EVERY).isBefore(now)) {
      toldAt = now;
      LOG.warn("polling failed, retrying: {}", new StepFailure(cause).text());
    }
  }

  private Duration waitAfter(Claimed claimed, StepFailure failure) {
    Duration own = retry.after(claimed.schedule().tries());
    Duration asked = failure.retryAfter();
    if (asked == null || asked.compareTo(own) < 0) {
      return own;
    }
    return asked.compareTo(LONGEST_WAIT) < 0 ? asked : LONGEST_WAIT;
  }

  /**
   * The number of consecutive failures after which the row is parked: no limit while the provider
   * is unreachable, overloaded or refuses access ({@code caravan.max-wait} ends the job) or a disk
   * is full, ten times {@code caravan.retry.park-after} for other infrastructure such as outbound
   * endpoints.
   */
  private int most(Claimed claimed, StepFailure failure) {
    if (failure.passesInTime() || (claimed instanceof Part && failure.isOutOfReach())) {
      return Integer.MAX_VALUE;
    }
    return failure.isInfrastructure() ? parkAfter * AROUND : parkAfter;
  }
}

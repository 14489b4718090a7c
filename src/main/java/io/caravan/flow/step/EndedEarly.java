package io.caravan.flow.step;

import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.jsonl.Reason;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Ends cancelled or too old jobs and parts whose next step keeps failing, from any status, and
 * reports what may have been paid for.
 */
@Component
class EndedEarly {
  private static final Logger LOG = LoggerFactory.getLogger(EndedEarly.class);

  /** Consecutive failures, while nothing runs at a provider. */
  private static final int FEW = 3;

  private final JobStore store;
  private final JobsToEnd jobsToEnd;
  private final Clock clock;

  EndedEarly(JobStore store, JobsToEnd jobsToEnd, Clock clock) {
    this.store = store;
    this.jobsToEnd = jobsToEnd;
    this.clock = clock;
  }

  /**
   * Whether to end the row after another failure of its step.
   *
   * @param parkAfter the number of consecutive failures after which other jobs are parked
   */
  boolean ends(Claimed claimed, int parkAfter) {
    boolean isAtProvider =
        claimed instanceof Part part
            && (part.status() == PartStatus.SUBMITTED || part.status() == PartStatus.ENDED);
    if (claimed.schedule().tries() + 1 < (isAtProvider ? parkAfter : Math.min(parkAfter, FEW))) {
      return false;
    }
    return switch (claimed) {
      case Part part -> jobsToEnd.reason(part).isPresent();
      case Job job ->
          job.status() == JobStatus.ACCEPTED
              ? jobsToEnd.reason(job.id()).isPresent()
              : !job.status().finished() && jobsToEnd.isCancelled(job); // outputs have no deadline
    };
  }

  /**
   * Ends the job or part.
   *
   * @param problem the last failure
   */
  void end(Claimed claimed, String problem) {
    switch (claimed) {
      case Part part -> store.held(part).ifPresent(row -> end(row, problem));
      case Job job -> store.held(job).ifPresent(row -> end(row, problem));
    }
  }

  private void end(Part row, String problem) {
    Optional<Reason> halt = jobsToEnd.reason(row);
    String why = halt.map(Reason::message).orElse("");
    switch (row.status()) {
      case PLANNED, UPLOADING, UPLOADED -> refuse(row, halt, why);
      case CREATING ->
          refuse(
              row,
              halt,
              why
                  + " A batch may have been created for it and paid for: look for %s at provider %s (%s)."
                      .formatted(row.batchKey(), row.provider(), problem));
      case SUBMITTED, ENDED -> {
        String unread =
            "%s Batch %s at provider %s could not be read (%s): it may still run, and may have been paid for."
                .formatted(why, row.submission().batchId(), row.provider(), problem);
        Part ended = row.status() == PartStatus.ENDED ? row : move(row, PartStatus.ENDED);
        retrieved(ended, unread);
      }
      case CALLING -> refuse(row, halt, why + " Its calls could not be made: " + problem);
      case RETRIEVED, REFUSED -> move(row, PartStatus.SETTLED);
      case SETTLED, DIVIDED -> {} // nothing more can fail
    }
    LOG.warn("part={} {} given up: {} {}", row.id(), row.step(), why, problem);
  }

  private void refuse(Part row, Optional<Reason> halt, String message) {
    halt.ifPresent(
        reason -> store.update(row, jobsToEnd.refusal(new Reason(reason.code(), message))));
  }

  private Part move(Part row, PartStatus status) {
    Instant now = clock.instant();
    return store.update(
        row,
        b ->
            b.status(status)
                .submission(row.submission().ended(now))
                .schedule(row.schedule().givenUp(row.schedule().setback(), now)));
  }

  private void retrieved(Part row, String message) {
    store.update(
        row,
        b ->
            b.status(PartStatus.RETRIEVED)
                .submission(SettleBatch.withAnswersLost(row, message))
                .schedule(row.schedule().withDueAt(clock.instant()).withTries(0)));
  }

  private void end(Job row, String problem) {
    Instant now = clock.instant();
    String what = row.step();
    store.update(
        row,
        b -> {
          switch (row.status()) {
            case ACCEPTED, IN_PROGRESS ->
                b.status(JobStatus.SETTLED)
                    .refusal(
                        "%s: the job was ended because %s failed: %s"
                            .formatted(row.label(), what, problem));
            case SETTLED -> b.status(JobStatus.RESULTS_DELIVERED);
            case RESULTS_DELIVERED -> b.status(JobStatus.ERRORS_DELIVERED);
            case ERRORS_DELIVERED -> b.status(JobStatus.DELIVERED).finishedAt(now);
            case DELIVERED, RELEASED -> {}
          }
          b.schedule(row.schedule().givenUp(what + " was given up: " + problem, now));
        });
    LOG.warn("job={} {} given up: {}", row.id(), what, problem);
  }
}

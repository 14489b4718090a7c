package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When the next step of a job or part may run, and how it went so far.
 *
 * @param dueAt when the step may run
 * @param tries consecutive failures of the step
 * @param setback the last problem
 * @param parkedAt when it was parked; only an operator can resume it
 */
@RecordBuilder
public record Schedule(
    Instant dueAt, int tries, @Nullable String setback, @Nullable Instant parkedAt)
    implements ScheduleBuilder.With {

  /** A step that has not been tried. */
  public static Schedule due(Instant at) {
    return new Schedule(at, 0, null, null);
  }

  /** The last step succeeded; the next one may run at once. */
  public Schedule worked() {
    return new Schedule(dueAt, 0, null, parkedAt);
  }

  /** The step waits for something other than a retry. */
  public Schedule waiting(Instant due, String reason) {
    return new Schedule(due, tries, reason, parkedAt);
  }

  /** The step failed and is retried. */
  public Schedule failed(String problem, Instant due) {
    return new Schedule(due, tries + 1, problem, null);
  }

  /** Only an operator can resume the step. */
  public Schedule parked(String reason, Instant now) {
    return new Schedule(dueAt, tries, reason, now);
  }

  /** An operator ended the step; the next one is due. */
  public Schedule givenUp(@Nullable String problem, Instant now) {
    return new Schedule(now, 0, problem, null);
  }
}

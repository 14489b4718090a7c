package io.caravan.job;

import java.util.Locale;
import java.util.Set;

/** Where a job stands; with {@link PartStatus} the only table of transitions. */
public enum JobStatus {
  /** The bytes are in the workspace, nothing was looked at yet. */
  ACCEPTED("validate"),
  /** Every line was checked and the parts are written. */
  IN_PROGRESS("settle"),
  /** Results and errors lie complete in the workspace. */
  SETTLED("deliver-results"),
  /** The results route has them. */
  RESULTS_DELIVERED("deliver-errors"),
  /** The errors route has them too; the report is due. */
  ERRORS_DELIVERED("report"),
  /** Results, errors and report are out. */
  DELIVERED("release"),
  /** What the job held at the provider and in the workspace is gone. */
  RELEASED("");

  private final String verb;

  JobStatus(String verb) {
    this.verb = verb;
  }

  /** What a job in this status waits for; empty at the end. */
  public String verb() {
    return verb;
  }

  /** Whether a job may go from here to {@code next}. */
  public boolean canBecome(JobStatus next) {
    return nexts().contains(next);
  }

  /** The results and errors have left, so far as anybody outside can tell the job is over. */
  public boolean finished() {
    return this == DELIVERED || this == RELEASED;
  }

  /** The word for logs, metrics and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Set<JobStatus> nexts() {
    return switch (this) {
      case ACCEPTED -> Set.of(IN_PROGRESS, SETTLED); // settled at once when no request was good
      case IN_PROGRESS -> Set.of(SETTLED);
      case SETTLED -> Set.of(RESULTS_DELIVERED);
      case RESULTS_DELIVERED -> Set.of(ERRORS_DELIVERED);
      case ERRORS_DELIVERED -> Set.of(DELIVERED);
      case DELIVERED -> Set.of(RELEASED);
      case RELEASED -> Set.of();
    };
  }
}

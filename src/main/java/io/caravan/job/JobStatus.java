package io.caravan.job;

import java.util.Locale;
import java.util.Set;

/** The status of a job; together with {@link PartStatus} the only table of transitions. */
public enum JobStatus {
  /** The file is in the workspace and has not been validated. */
  ACCEPTED("validate"),
  /** Every line was validated and the parts are written. */
  IN_PROGRESS("settle"),
  /** Results and errors are complete in the workspace. */
  SETTLED("deliver-results"),
  /** The results route has received the results. */
  RESULTS_DELIVERED("deliver-errors"),
  /** The errors route has received the errors; the report is due. */
  ERRORS_DELIVERED("report"),
  /** Results, errors and report are delivered. */
  DELIVERED("release"),
  /** The job's files at the provider and in the workspace are deleted. */
  RELEASED("");

  private final String verb;

  JobStatus(String verb) {
    this.verb = verb;
  }

  /** The next step of a job in this status; empty if there is none. */
  public String verb() {
    return verb;
  }

  /** Whether a job in this status may change to {@code next}. */
  public boolean canBecome(JobStatus next) {
    return nexts().contains(next);
  }

  /** Whether each request has its outcome in the workspace, or the job was refused. */
  public boolean settled() {
    return this != ACCEPTED && this != IN_PROGRESS;
  }

  /** Whether results, errors and report are delivered, so the job is over for its user. */
  public boolean finished() {
    return this == DELIVERED || this == RELEASED;
  }

  /** The status as written in logs, metrics and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Set<JobStatus> nexts() {
    return switch (this) {
      case ACCEPTED -> Set.of(IN_PROGRESS, SETTLED); // settled at once if no request is valid
      case IN_PROGRESS -> Set.of(SETTLED);
      case SETTLED -> Set.of(RESULTS_DELIVERED);
      case RESULTS_DELIVERED -> Set.of(ERRORS_DELIVERED);
      case ERRORS_DELIVERED -> Set.of(DELIVERED);
      case DELIVERED -> Set.of(RELEASED);
      case RELEASED -> Set.of();
    };
  }
}

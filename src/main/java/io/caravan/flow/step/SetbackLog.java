package io.caravan.flow.step;

import io.caravan.flow.call.Outages;
import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs failed steps for operators. */
final class SetbackLog {
  private static final Logger LOG = LoggerFactory.getLogger(Setbacks.class);

  private final Outages outages;

  SetbackLog(Outages outages) {
    this.outages = outages;
  }

  /** Logs that a row is parked. */
  void parked(Claimed claimed, StepFailure failure) {
    LOG.error(
        "{}={} {} failed {} times and is parked: retrying will not help ({})."
            + " See \"caravan status\"; \"caravan retry {}\" resumes it,"
            + " \"caravan cancel {}\" ends it.",
        kind(claimed),
        claimed.id(),
        claimed.step(),
        claimed.schedule().tries() + 1,
        failure.text(),
        jobOf(claimed),
        jobOf(claimed));
  }

  /** Logs that a step is retried; an outage has one line for all its jobs. */
  void retrying(Claimed claimed, Duration wait, StepFailure failure) {
    String line =
        "%s=%s %s failed (try %d), retrying in %d ms: %s"
            .formatted(
                kind(claimed),
                claimed.id(),
                claimed.step(),
                claimed.schedule().tries() + 1,
                wait.toMillis(),
                failure.text());
    if (isDown(claimed, failure)) {
      outages.note(providerOf(claimed), Outages.State.UNAVAILABLE, failure.text());
      LOG.debug(line);
    } else if (failure.isAccessRefused()) {
      LOG.debug(line); // the pause is logged on its own
    } else if (failure.isExpected()) {
      LOG.warn(line);
    } else {
      LOG.warn(line, failure.cause()); // unexpected: log the stack trace
    }
  }

  /** Whether the provider is down; {@link Outages} then logs one line for all its jobs. */
  private static boolean isDown(Claimed claimed, StepFailure failure) {
    return failure.isUnavailable() || (callsProvider(claimed) && failure.isOutOfReach());
  }

  private static boolean callsProvider(Claimed claimed) {
    return switch (claimed) {
      case Part part -> true;
      case Job job -> job.status() == JobStatus.DELIVERED; // deletes its files at the provider
    };
  }

  private static String jobOf(Claimed claimed) {
    return switch (claimed) {
      case Job job -> job.id();
      case Part part -> part.jobId();
    };
  }

  private static String providerOf(Claimed claimed) {
    return switch (claimed) {
      case Job job -> job.provider();
      case Part part -> part.provider();
    };
  }

  /** {@code job} or {@code part}, as log lines begin. */
  static String kind(Claimed claimed) {
    return claimed instanceof Job ? "job" : "part";
  }
}

package io.caravan.operator;

import io.caravan.job.Job;
import io.caravan.job.JobOverview;
import java.util.List;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/**
 * The health component {@code jobs}: DOWN while a job is parked or its outputs cannot be delivered.
 */
@Component("jobsHealthIndicator")
class JobsHealth extends AbstractHealthIndicator {
  private static final int NAMED = 20;

  private final JobOverview overview;

  JobsHealth(JobOverview overview) {
    super("cannot read jobs from the store");
    this.overview = overview;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    List<Job> parked = overview.parkedJobs();
    List<Job> undelivered = overview.undeliveredJobs();
    health
        .status(parked.isEmpty() && undelivered.isEmpty() ? "UP" : "DOWN")
        .withDetail("parked", parked.size())
        .withDetail("undelivered", undelivered.size());
    if (!parked.isEmpty()) {
      health.withDetail("parkedJobs", parked.stream().limit(NAMED).map(Job::id).toList());
    }
    if (!undelivered.isEmpty()) {
      Job oldest = undelivered.getFirst();
      health
          .withDetail("undeliveredJobs", undelivered.stream().limit(NAMED).map(Job::id).toList())
          .withDetail("undeliveredSince", oldest.acceptedAt().toString())
          .withDetail("lastSetback", String.valueOf(undelivered.getLast().schedule().setback()));
    }
  }
}

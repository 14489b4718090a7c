package io.caravan.operator;

import io.caravan.job.BatchStore;
import io.caravan.job.Job;
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

  private final BatchStore store;

  JobsHealth(BatchStore store) {
    super("cannot read jobs from the store");
    this.store = store;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    List<Job> parked = store.parkedJobs();
    List<Job> undelivered = store.undeliveredJobs();
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
          .withDetail("lastSetback", String.valueOf(undelivered.getLast().setback()));
    }
  }
}

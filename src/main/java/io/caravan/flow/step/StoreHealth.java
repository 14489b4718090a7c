package io.caravan.flow.step;

import io.caravan.job.JobOverview;
import io.caravan.store.StorePresence;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code store}: checks the store and counts jobs by status. */
@Component("storeHealthIndicator")
class StoreHealth extends AbstractHealthIndicator {
  private final JobOverview overview;
  private final StorePresence presence;

  StoreHealth(JobOverview overview, StorePresence presence) {
    super("the store does not answer");
    this.overview = overview;
    this.presence = presence;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    presence.check();
    health.up();
    overview.countJobs().forEach((status, count) -> health.withDetail(status.word(), count));
  }
}

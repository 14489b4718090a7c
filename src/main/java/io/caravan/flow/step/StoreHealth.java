package io.caravan.flow.step;

import io.caravan.job.BatchStore;
import io.caravan.job.StorePresence;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code store}: checks the store and counts jobs by status. */
@Component("storeHealthIndicator")
class StoreHealth extends AbstractHealthIndicator {
  private final BatchStore store;
  private final StorePresence presence;

  StoreHealth(BatchStore store, StorePresence presence) {
    super("the store does not answer");
    this.store = store;
    this.presence = presence;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    presence.check();
    health.up();
    store.countJobs().forEach((status, count) -> health.withDetail(status.word(), count));
  }
}

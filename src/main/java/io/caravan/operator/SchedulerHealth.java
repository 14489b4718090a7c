package io.caravan.operator;

import io.caravan.job.send.Scheduler;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code scheduler}: UP, with a detail that shows whether it was stopped. */
@Component("schedulerHealthIndicator")
class SchedulerHealth extends AbstractHealthIndicator {
  private final Scheduler scheduler;

  SchedulerHealth(Scheduler scheduler) {
    super("cannot read the scheduler from the store");
    this.scheduler = scheduler;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Scheduler.State state = scheduler.state();
    health.up().withDetail("state", state.running() ? "running" : "stopped");
    if (!state.running()) {
      health.withDetail("stoppedAt", String.valueOf(state.stoppedAt()));
    }
  }
}

package io.caravan.operator;

import io.caravan.job.BatchStore;
import io.caravan.job.Job;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Sees to it that no job waits in silence: counts those that do, and names them at each start. */
@Component
class ParkedJobs implements MeterBinder {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedJobs.class);

  private final BatchStore store;

  ParkedJobs(BatchStore store) {
    this.store = store;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("caravan.jobs.parked", () -> store.parkedJobs().size())
        .description("Jobs that wait for an operator")
        .register(meters);
    Gauge.builder("caravan.jobs.undelivered", () -> store.undeliveredJobs().size())
        .description("Jobs whose outputs their endpoints did not take so far")
        .register(meters);
  }

  @EventListener(ApplicationStartedEvent.class)
  void tell() {
    List<Job> parked = store.parkedJobs();
    if (!parked.isEmpty()) {
      LOG.warn(
          "{} parked, waiting for an operator: {}. \"caravan status\" says why;"
              + " \"caravan retry JOB\" sets one going again, \"caravan cancel JOB\" ends it.",
          parked.size() == 1 ? "1 job is" : parked.size() + " jobs are",
          parked.stream()
              .map(job -> job.id() + " (" + job.label() + ")")
              .collect(Collectors.joining(", ")));
    }
  }
}

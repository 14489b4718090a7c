package io.caravan.operator;

import io.caravan.job.Job;
import io.caravan.job.JobOverview;
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

/** Metrics of parked and undelivered jobs, and a warning about parked jobs at each start. */
@Component
class ParkedJobs implements MeterBinder {
  private static final Logger LOG = LoggerFactory.getLogger(ParkedJobs.class);

  private final JobOverview overview;

  ParkedJobs(JobOverview overview) {
    this.overview = overview;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("caravan.jobs.parked", () -> overview.parkedJobs().size())
        .description("Jobs parked until an operator retries or cancels them")
        .register(meters);
    Gauge.builder("caravan.jobs.undelivered", () -> overview.undeliveredJobs().size())
        .description("Jobs whose outputs could not be delivered yet")
        .register(meters);
  }

  @EventListener(ApplicationStartedEvent.class)
  void tell() {
    List<Job> parked = overview.parkedJobs();
    if (!parked.isEmpty()) {
      LOG.warn(
          "{} parked, waiting for an operator: {}. \"caravan status\" shows why;"
              + " \"caravan retry JOB\" resumes a job, \"caravan cancel JOB\" cancels it.",
          parked.size() == 1 ? "1 job is" : parked.size() + " jobs are",
          parked.stream()
              .map(job -> job.id() + " (" + job.label() + ")")
              .collect(Collectors.joining(", ")));
    }
  }
}

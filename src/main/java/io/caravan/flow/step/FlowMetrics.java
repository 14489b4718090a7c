package io.caravan.flow.step;

import io.caravan.job.BatchStore;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.PartStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/** Metrics: jobs and parts by status, and finished requests by outcome. */
@Component
class FlowMetrics implements MeterBinder {
  private final BatchStore store;
  private final MeterRegistry registry;

  FlowMetrics(BatchStore store, MeterRegistry registry) {
    this.store = store;
    this.registry = registry;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    for (JobStatus status : JobStatus.values()) {
      Gauge.builder("caravan.jobs", () -> store.countJobs().getOrDefault(status, 0L))
          .description("Jobs in this status")
          .tag("status", status.word())
          .register(meters);
    }
    for (PartStatus status : PartStatus.values()) {
      Gauge.builder("caravan.parts", () -> store.countParts().getOrDefault(status, 0L))
          .description("Parts in this status")
          .tag("status", status.word())
          .register(meters);
    }
  }

  /** Counts the requests of a job that has just been settled. */
  void settled(Job job) {
    count(job, "result", job.results());
    count(job, "error", job.errors());
  }

  private void count(Job job, String outcome, long requests) {
    registry
        .counter(
            "caravan.requests",
            "pipeline",
            job.pipeline(),
            "provider",
            job.provider(),
            "outcome",
            outcome)
        .increment((double) requests);
  }
}

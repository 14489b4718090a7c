package io.caravan.flow.step;

import io.caravan.job.CutShort;
import io.caravan.job.Job;
import io.caravan.job.JobOverview;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.Way;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Metrics: jobs and parts by status, and finished requests by outcome. */
@Component
class FlowMetrics implements MeterBinder {
  private final JobOverview overview;
  private final MeterRegistry registry;

  FlowMetrics(JobOverview overview, MeterRegistry registry) {
    this.overview = overview;
    this.registry = registry;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    for (JobStatus status : JobStatus.values()) {
      Gauge.builder("caravan.jobs", () -> overview.countJobs().getOrDefault(status, 0L))
          .description("Jobs in this status")
          .tag("status", status.word())
          .register(meters);
    }
    for (PartStatus status : PartStatus.values()) {
      Gauge.builder("caravan.parts", () -> overview.countParts().getOrDefault(status, 0L))
          .description("Parts in this status")
          .tag("status", status.word())
          .register(meters);
    }
  }

  /** Counts the requests of a job that has just been settled. */
  void settled(Job job) {
    count(job, "result", job.counts().results());
    count(job, "error", job.counts().errors());
  }

  /** Counts requests that are sent one by one after a batch. */
  void fellBack(Part part, Way way, @Nullable CutShort reason, long requests) {
    registry
        .counter(
            "caravan.fallback.requests",
            "pipeline",
            part.pipeline(),
            "provider",
            part.provider(),
            "tier",
            way.word(),
            "reason",
            reason == null ? "unanswered" : reason.word())
        .increment((double) requests);
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

package io.caravan.flow.inbox;

import io.caravan.flow.Pipelines;
import io.caravan.job.JobOverview;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The health component {@code pipelines}: down while unfinished jobs belong to a pipeline without a
 * route file. Logs a warning at startup.
 */
@Component("pipelinesHealthIndicator")
class RemovedPipelines extends AbstractHealthIndicator {
  private static final Logger LOG = LoggerFactory.getLogger(RemovedPipelines.class);

  private final JobOverview overview;
  private final Pipelines pipelines;

  RemovedPipelines(JobOverview overview, Pipelines pipelines) {
    super("the pipelines cannot be checked");
    this.overview = overview;
    this.pipelines = pipelines;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Map<String, Long> removed = removed();
    health.status(removed.isEmpty() ? "UP" : "DOWN");
    removed.forEach((pipeline, jobs) ->
        health.withDetail(pipeline, "in no route file; unfinished jobs: " + jobs));
  }

  @EventListener(ApplicationStartedEvent.class)
  void warn() {
    removed()
        .forEach((pipeline, jobs) ->
            LOG.warn(
                "pipeline={} is in no route file, and {} of its jobs {} not finished. Put"
                    + " routes/pipelines/{}.camel.yaml back and start again, or end each of them:"
                    + " \"caravan status\" lists them, \"caravan cancel JOB\" ends one.",
                pipeline,
                jobs,
                jobs == 1 ? "is" : "are",
                pipeline));
  }

  private Map<String, Long> removed() {
    var removed = new TreeMap<>(overview.unfinishedJobs());
    removed.keySet().removeAll(pipelines.all().keySet());
    return removed;
  }
}

package io.caravan.flow.step;

import io.caravan.client.Clients;
import io.caravan.disk.DiskReserve;
import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.late.FallbackLadder;
import io.caravan.job.CutShort;
import io.caravan.job.Job;
import io.caravan.job.JobBuilder;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.jsonl.split.InputSplitter;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Summary;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.report.Notes;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.JobPaths;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Validates a job's lines and plans parts for the valid ones. */
@Component("validation")
public class ValidateJob {
  private static final Logger LOG = LoggerFactory.getLogger(ValidateJob.class);

  private final JobStore store;
  private final Workspace workspace;
  private final Pipelines pipelines;
  private final Providers providers;
  private final Clients clients;
  private final SplitLimits limits;
  private final Planner planner;
  private final SendHold hold;
  private final FallbackLadder ladder;
  private final Clock clock;

  ValidateJob(
      JobStore store,
      Workspace workspace,
      Pipelines pipelines,
      Providers providers,
      Clients clients,
      SplitLimits limits,
      Planner planner,
      SendHold hold,
      FallbackLadder ladder,
      Clock clock) {
    this.store = store;
    this.workspace = workspace;
    this.pipelines = pipelines;
    this.providers = providers;
    this.clients = clients;
    this.limits = limits;
    this.planner = planner;
    this.hold = hold;
    this.ladder = ladder;
    this.clock = clock;
  }

  /** Writes parts and rejected lines into the workspace, then the parts' rows. */
  public void validate(@Body Job job) throws IOException {
    Provider provider = providers.get(job.provider());
    validate(limits.fixed(job, provider), pipelines.get(job.pipeline()), provider);
  }

  private void validate(Job job, Pipeline pipeline, Provider provider) throws IOException {
    Split split =
        split(
            job,
            planner.splitter(
                pipeline,
                provider,
                clients.of(job.client())::allowsModel,
                SplitLimits.maxTokens(job)));
    Summary summary = split.summary();
    Consumer<JobBuilder> counted =
        b ->
            b.counts(job.counts().withRequests(summary.requests()))
                .schedule(job.schedule().worked());
    boolean released = job.estimatedCost() != null;
    switch (planner.plan(split, pipeline, job.provider(), provider, released)) {
      case Plan.Refused refused -> refuse(job, refused, counted);
      case Plan.Held held -> hold(job, held, counted);
      case Plan.Sent sent -> send(job, summary, sent, counted);
    }
  }

  private Split split(Job job, InputSplitter splitter) throws IOException {
    try (JobFiles files = workspace.open(job)) {
      JobPaths paths = files.toWrite();
      Path folder = paths.folder();
      Path input = files.input();
      DiskReserve.require(paths.input(), Files.size(input), DiskReserve.Use.WORK_IN_HAND); // parts
      Split split =
          job.retryOf() == null
              ? splitter.split(input, job.file().name(), folder)
              : splitter.splitRequests(
                  input, job.file().name(), folder); // as the first job made them
      Summary summary = split.summary();
      if (!split.files().isEmpty()) {
        files.keep(split.files());
        files.keep(Notes.write(folder, "validation", summary.problems(), summary.notes()));
      }
      return split;
    }
  }

  private void send(Job job, Summary summary, Plan.Sent sent, Consumer<JobBuilder> counted) {
    if (summary.refused() > 0) {
      LOG.warn(
          "job={} {} has bad lines: {} of {}",
          job.id(),
          job.label(),
          summary.refused(),
          summary.requests());
    }
    sent.warning().ifPresent(warning -> LOG.warn("job={} {}: {}", job.id(), job.label(), warning));
    long valid = summary.requests() - summary.refused();
    store.plan(
        job,
        sent.parts().stream().map(part -> planned(job, part, valid)).toList(),
        counted.andThen(b -> b.status(JobStatus.IN_PROGRESS).estimatedCost(sent.cost())));
  }

  /** A part, which its schedule may hold. */
  private Part planned(Job job, PartFile file, long valid) {
    Part planned = Part.planned(job, file, clock.instant());
    Part part =
        ladder
            .atOnce(planned, valid)
            .map(way ->
                planned.withCalls(planned.calls().with(c -> c.way(way).cutShort(CutShort.MODE))))
            .orElse(planned);
    return hold.of(job)
        .map(it -> part.withSchedule(part.schedule().waiting(it.until(), it.reason())))
        .orElse(part);
  }

  /** Parks the job until an operator releases it; its stored estimate skips the next check. */
  private void hold(Job job, Plan.Held held, Consumer<JobBuilder> counted) {
    store.update(
        job,
        counted.andThen(b ->
            b.estimatedCost(held.cost())
                .schedule(b.schedule().parked(held.reason(), clock.instant()))));
    LOG.warn(
        "job={} {} is {}; \"caravan retry {}\" sends it, \"caravan cancel {}\" ends it.",
        job.id(),
        job.label(),
        held.reason(),
        job.id(),
        job.id());
  }

  private void refuse(Job job, Plan.Refused refused, Consumer<JobBuilder> counted) {
    String refusal = job.label() + ": " + refused.problem();
    store.update(job, counted.andThen(b -> b.refusal(refusal).status(JobStatus.SETTLED)));
    LOG.warn("job={} refused: {}", job.id(), refusal);
  }
}

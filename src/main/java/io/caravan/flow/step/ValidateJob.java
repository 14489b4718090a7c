package io.caravan.flow.step;

import io.caravan.client.Clients;
import io.caravan.disk.DiskReserve;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Templates;
import io.caravan.job.Job;
import io.caravan.job.JobBuilder;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.jsonl.convert.Conversion;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.convert.Format;
import io.caravan.jsonl.convert.Normalisation;
import io.caravan.jsonl.convert.Template;
import io.caravan.jsonl.split.FirstLook;
import io.caravan.jsonl.split.PartFile;
import io.caravan.jsonl.split.Split;
import io.caravan.jsonl.split.Splitter;
import io.caravan.jsonl.split.Summary;
import io.caravan.jsonl.split.ValidationRules;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private final Templates templates;
  private final Budget budget;
  private final UpstreamNeed upstream;
  private final FlowProperties.Requests requests;
  private final Clock clock;
  private final FlowProperties.Validation settings;
  private final FlowProperties.Intake intake;

  ValidateJob(
      JobStore store,
      Workspace workspace,
      Pipelines pipelines,
      Providers providers,
      Clients clients,
      SplitLimits limits,
      Templates templates,
      Budget budget,
      UpstreamNeed upstream,
      FlowProperties.Requests requests,
      Clock clock,
      FlowProperties.Validation settings,
      FlowProperties.Intake intake) {
    this.store = store;
    this.workspace = workspace;
    this.pipelines = pipelines;
    this.providers = providers;
    this.clients = clients;
    this.limits = limits;
    this.templates = templates;
    this.budget = budget;
    this.upstream = upstream;
    this.requests = requests;
    this.clock = clock;
    this.settings = settings;
    this.intake = intake;
  }

  /** Writes parts and rejected lines into the workspace, then the parts' rows. */
  public void validate(@Body Job job) throws IOException {
    Provider provider = providers.get(job.provider());
    validate(limits.fixed(job, provider), provider);
  }

  private void validate(Job job, Provider provider) throws IOException {
    Split split = split(job, provider);
    Summary summary = split.summary();
    Consumer<JobBuilder> counted =
        b ->
            b.counts(job.counts().withRequests(summary.requests()))
                .schedule(job.schedule().worked());
    if (summary.requests() == 0) {
      refuse(job, summary, counted);
      return;
    }
    boolean strict = pipelines.get(job.pipeline()).isStrict() && summary.refused() > 0;
    List<Part> sent =
        strict ? List.of() : split.parts().stream().map(part -> plan(job, part)).toList();
    Budget.Estimate cost = budget.estimate(sent, provider);
    Optional<String> excess = job.estimatedCost() != null ? Optional.empty() : budget.excess(cost);
    if (excess.isPresent()) {
      hold(job, excess.get(), counted.andThen(b -> b.estimatedCost(cost.amount())));
      return;
    }
    if (summary.refused() > 0) {
      LOG.warn(
          "job={} {} has {} bad lines out of {}",
          job.id(),
          job.label(),
          summary.refused(),
          summary.requests());
    }
    if (!sent.isEmpty()) {
      upstream
          .problem(provider, split.parts())
          .ifPresent(problem -> LOG.warn("job={} {}: {}", job.id(), job.label(), problem));
    }
    store.plan(
        job,
        sent,
        counted.andThen(b -> b.status(JobStatus.IN_PROGRESS).estimatedCost(cost.amount())));
  }

  private Split split(Job job, Provider provider) throws IOException {
    try (JobFiles files = workspace.open(job)) {
      JobPaths paths = files.toWrite();
      Path folder = paths.folder();
      DiskReserve.require(
          paths.input(), Files.size(files.input()), DiskReserve.Use.WORK_IN_HAND); // parts
      var splitter = new Splitter(rules(job, provider), limits.of(job, provider));
      Format format = Format.of(job.file().name());
      Optional<String> otherForm =
          job.retryOf() != null
              ? Optional.empty()
              : FirstLook.problem(files.input(), format, provider.endpoints(), maxLineBytes());
      if (otherForm.isPresent()) {
        return Split.refused(folder, otherForm.get());
      }
      var notes = new ArrayList<String>();
      boolean asTheyAre =
          job.retryOf() != null // its lines were already converted for the first job
              || (format == Format.JSONL && !normalisation(job).changesWholeLines());
      Split split = asTheyAre ? splitter.split(files.input(), job.file().name(), folder) : null;
      if (split == null || split.summary().needsConversion()) {
        switch (convert(job, format, files, folder)) {
          case Conversion.Refused refused -> {
            return Split.refused(folder, refused.problem());
          }
          case Conversion.Converted converted -> notes.addAll(converted.notes());
        }
        split = splitter.split(paths.requests(), job.file().name(), folder);
      }
      Summary summary = split.summary();
      files.keep(split.files());
      notes.addAll(summary.notes());
      files.keep(Notes.write(folder, "validation", summary.problems(), notes));
      return split;
    }
  }

  /** Parks the job until an operator releases it; its stored estimate skips the next check. */
  private void hold(Job job, String excess, Consumer<JobBuilder> counted) {
    String told = "held for release: " + excess;
    store.update(job, counted.andThen(b -> b.schedule(b.schedule().parked(told, clock.instant()))));
    LOG.warn(
        "job={} {} is {}; \"caravan retry {}\" sends it, \"caravan cancel {}\" ends it.",
        job.id(),
        job.label(),
        told,
        job.id(),
        job.id());
  }

  private Normalisation normalisation(Job job) {
    return requests.normalisation(pipelines.get(job.pipeline()));
  }

  private int maxLineBytes() {
    return Math.toIntExact(settings.maxLineSize().toBytes());
  }

  private Conversion convert(Job job, Format format, JobFiles files, Path folder)
      throws IOException {
    Template template = templates.get(pipelines.get(job.pipeline()).getTemplate());
    Conversion conversion =
        new Converter(template, maxLineBytes(), normalisation(job))
            .convert(files.input(), format, folder);
    if (conversion instanceof Conversion.Converted) {
      files.keep(folder.resolve(Converter.CARRIED), folder.resolve(Converter.REQUESTS));
    }
    return conversion;
  }

  private void refuse(Job job, Summary summary, Consumer<JobBuilder> counted) {
    String refusal = job.label() + ": " + String.join(" ", summary.problems());
    store.update(job, counted.andThen(b -> b.refusal(refusal).status(JobStatus.SETTLED)));
    LOG.warn("job={} refused: {}", job.id(), refusal);
  }

  private ValidationRules rules(Job job, Provider provider) {
    return new ValidationRules(
        provider.endpoints(),
        settings.maxRequests(),
        intake.maxSize().toBytes(),
        maxLineBytes(),
        provider.maxEmbeddingInputs(),
        clients.of(job.client())::allowsModel,
        provider.rule());
  }

  private Part plan(Job job, PartFile file) {
    return Part.planned(job, file, clock.instant());
  }
}

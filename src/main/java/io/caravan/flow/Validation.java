package io.caravan.flow;

import io.caravan.batch.BatchStore;
import io.caravan.batch.Job;
import io.caravan.batch.JobBuilder;
import io.caravan.batch.JobFiles;
import io.caravan.batch.JobStatus;
import io.caravan.batch.Part;
import io.caravan.batch.Workspace;
import io.caravan.jsonl.LineRule;
import io.caravan.jsonl.PartFile;
import io.caravan.jsonl.Split;
import io.caravan.jsonl.Splitter;
import io.caravan.jsonl.Summary;
import io.caravan.jsonl.ValidationRules;
import io.caravan.provider.AnthropicDialect;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.report.Notes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.Body;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Checks a job's lines and plans the parts of the good ones. */
@Component("validation")
public class Validation {
  private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

  private final BatchStore store;
  private final Workspace workspace;
  private final Pipelines pipelines;
  private final Providers providers;
  private final SplitLimits limits;
  private final Clock clock;
  private final FlowProperties.Validation settings;
  private final FlowProperties.Intake intake;

  Validation(
      BatchStore store,
      Workspace workspace,
      Pipelines pipelines,
      Providers providers,
      SplitLimits limits,
      Clock clock,
      FlowProperties.Validation settings,
      FlowProperties.Intake intake) {
    this.store = store;
    this.workspace = workspace;
    this.pipelines = pipelines;
    this.providers = providers;
    this.limits = limits;
    this.clock = clock;
    this.settings = settings;
    this.intake = intake;
  }

  /** Writes parts and refused lines into the workspace, then the parts' rows. */
  public void validate(@Body Job job) throws IOException {
    Provider provider = providers.get(job.provider());
    validate(limits.fixed(job, provider), provider);
  }

  private void validate(Job job, Provider provider) throws IOException {
    Split split = split(job, provider);
    Summary summary = split.summary();
    Consumer<JobBuilder> counted = b -> b.requests(summary.requests()).tries(0).setback(null);
    if (summary.requests() == 0) {
      refuse(job, summary, counted);
      return;
    }
    if (summary.refused() > 0) {
      LOG.warn(
          "job={} {} has {} bad lines of {}",
          job.id(),
          job.label(),
          summary.refused(),
          summary.requests());
    }
    boolean strict = pipelines.get(job.pipeline()).isStrict() && summary.refused() > 0;
    List<Part> parts =
        strict ? List.of() : split.parts().stream().map(part -> plan(job, part)).toList();
    store.plan(job, parts, counted.andThen(b -> b.status(JobStatus.IN_PROGRESS)));
  }

  private Split split(Job job, Provider provider) throws IOException {
    try (JobFiles files = workspace.open(job)) {
      Path folder = files.toWrite().folder();
      Split split =
          new Splitter(rules(provider), limits.of(job, provider))
              .split(files.input(), job.name(), folder);
      Summary summary = split.summary();
      files.keep(split.files());
      files.keep(Notes.write(folder, "validation", summary.problems(), summary.notes()));
      return split;
    }
  }

  private void refuse(Job job, Summary summary, Consumer<JobBuilder> counted) {
    String refusal = job.label() + ": " + String.join(" ", summary.problems());
    store.update(job, counted.andThen(b -> b.refusal(refusal).status(JobStatus.SETTLED)));
    LOG.warn("job={} refused: {}", job.id(), refusal);
  }

  private ValidationRules rules(Provider provider) {
    return new ValidationRules(
        provider.endpoints(),
        settings.maxRequests(),
        intake.maxSize().toBytes(),
        Math.toIntExact(settings.maxLineSize().toBytes()),
        provider.maxEmbeddingInputs(),
        further(provider));
  }

  private static LineRule further(Provider provider) {
    return "anthropic".equals(provider.dialect())
        ? (line, start, length) -> AnthropicDialect.problem(line, start, length, provider)
        : LineRule.NONE;
  }

  private Part plan(Job job, PartFile file) {
    return Part.planned(
        job,
        file.number(),
        file.endpoint(),
        file.model(),
        file.requests(),
        file.bytes(),
        clock.instant());
  }
}

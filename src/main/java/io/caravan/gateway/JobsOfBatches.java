package io.caravan.gateway;

import io.caravan.disk.DiskReserve;
import io.caravan.flow.inbox.Handover;
import io.caravan.job.CannotStartException;
import io.caravan.job.Job;
import io.caravan.job.JobStore;
import io.caravan.job.Part;
import io.caravan.operator.Operator;
import io.caravan.provider.Providers;
import io.caravan.server.store.OtherProviders;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The batches for other providers, run as jobs of the pipeline {@code batches} like any other file.
 */
@Component
class JobsOfBatches implements OtherProviders {
  private static final String PIPELINE = "batches";
  private static final String SOURCE = "POST /v1/batches";

  private final Handover handover;
  private final Providers providers;
  private final JobStore store;
  private final Workspace workspace;
  private final Operator operator;

  JobsOfBatches(
      Handover handover,
      Providers providers,
      JobStore store,
      Workspace workspace,
      Operator operator) {
    this.handover = handover;
    this.providers = providers;
    this.store = store;
    this.workspace = workspace;
    this.operator = operator;
  }

  @Override
  public Set<String> names() {
    var names = new TreeSet<>(providers.providers().keySet());
    names.remove(LOCAL);
    return names;
  }

  @Override
  public @Nullable String refusal(String provider) {
    if (!handover.isPossible(PIPELINE)) {
      return "Batches for other providers need routes/pipelines/batches.camel.yaml, which is missing in this server's routes.";
    }
    try {
      providers.get(provider);
      return null;
    } catch (CannotStartException e) {
      return e.getMessage() + " " + e.action();
    }
  }

  @Override
  public String submit(String provider, String batchId, @Nullable String client, Path input)
      throws IOException {
    return handover.hand(input, PIPELINE, provider, client, batchId + ".jsonl", SOURCE, batchId);
  }

  @Override
  public Standing look(String id) {
    Job job = job(id);
    List<Part> parts = store.parts(job.id());
    boolean ended = job.status().settled();
    return new Standing(
        parts.stream().map(Part::model).findFirst().orElse(null),
        Math.toIntExact(job.counts().requests()),
        count(
            ended
                ? job.counts().results()
                : parts.stream().mapToLong(part -> part.submission().completed()).sum()),
        count(ended ? job.counts().errors() : 0),
        job.counts().inputTokens(),
        job.counts().outputTokens(),
        ended,
        Optional.ofNullable(job.refusal()).map(List::of).orElse(List.of()));
  }

  private static int count(long number) {
    return Math.toIntExact(number);
  }

  @Override
  public void cancel(String id) {
    operator.cancel(id);
  }

  @Override
  public void copy(String id, Path output, Path errors) throws IOException {
    try (JobFiles files = workspace.open(job(id))) {
      copy(files.results(), output);
      copy(files.errors(), errors);
    }
  }

  /** Copies a file, or creates an empty one, since a job without results has no result file. */
  private static void copy(Path source, Path target) throws IOException {
    Files.deleteIfExists(target);
    if (Files.exists(source)) {
      DiskReserve.require(target, Files.size(source), DiskReserve.Use.WORK_IN_HAND);
      Files.copy(source, target);
    } else {
      Files.createFile(target);
    }
  }

  private Job job(String id) {
    return store.job(id).orElseThrow(() -> new IllegalStateException("there is no job " + id));
  }
}

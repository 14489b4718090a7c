package io.caravan.flow.inbox;

import io.caravan.client.Clients;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.PipelineFile;
import io.caravan.job.Arrival;
import io.caravan.job.JobId;
import io.caravan.store.StoreAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** Submits files to a service running on the same data by storing their jobs. */
public final class RunningService {
  private final Acceptance acceptance;
  private final String name;
  private final Pipeline pipeline;
  private final JobTiming timings;
  private final boolean allowDuplicates;

  private RunningService(
      Acceptance acceptance,
      String name,
      Pipeline pipeline,
      JobTiming timings,
      boolean allowDuplicates) {
    this.acceptance = acceptance;
    this.name = name;
    this.pipeline = pipeline;
    this.timings = timings;
    this.allowDuplicates = allowDuplicates;
  }

  /** Creates it for one pipeline. */
  public static RunningService of(StoreAccess access, Environment settings, String pipeline)
      throws IOException {
    DataSize largest = DataSize.parse(settings.getRequiredProperty("caravan.intake.max-size"));
    return new RunningService(
        new Acceptance(access.store().jobs(), access.workspace(), Clock.systemUTC(), largest, true),
        pipeline,
        PipelineFile.read(pipeline, settings),
        new JobTiming(new Clients(Map.of()), Clock.systemUTC(), FlowProperties.Zone.in(settings)),
        "allow".equalsIgnoreCase(settings.getProperty("caravan.duplicates")));
  }

  /**
   * Stores a file as a job.
   *
   * @param again whether to pay again for content that was run before
   */
  public Arrival send(Path file, boolean again) throws IOException {
    InboxFile drop = InboxFile.of(file, again ? UUID.randomUUID().toString() : "");
    return acceptance.accept(
        new Acceptance.Order(
            JobId.next(),
            drop,
            name,
            pipeline.getProvider(),
            pipeline.encoding(name),
            null,
            () -> timings.atOnce(pipeline, drop.name()),
            again || allowDuplicates || pipeline.isAllowDuplicates()),
        () -> Files.newInputStream(file),
        () -> {});
  }
}

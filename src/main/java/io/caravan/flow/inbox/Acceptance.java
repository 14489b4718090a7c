package io.caravan.flow.inbox;

import io.caravan.job.Arrival;
import io.caravan.job.Job;
import io.caravan.job.JobFile;
import io.caravan.job.JobStatus;
import io.caravan.job.JobStore;
import io.caravan.job.Timing;
import io.caravan.jsonl.split.Acceptor;
import io.caravan.jsonl.split.Intake;
import io.caravan.time.UnfitTimeException;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.time.Clock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * Turns a file into a job: first its bytes in the workspace, then its row in the store.
 *
 * @param beside whether this is an operator's process beside a service, which then runs the job
 */
record Acceptance(
    JobStore store, Workspace workspace, Clock clock, DataSize largest, boolean beside) {

  /**
   * The source and destination of a job.
   *
   * @param id of the job, which did not exist before
   * @param timing when it may be sent and is needed; fails with {@link UnfitTimeException} if that
   *     cannot be used, which refuses the file
   */
  record Order(
      String id,
      InboxFile drop,
      String pipeline,
      String provider,
      Charset charset,
      @Nullable String client,
      Supplier<Timing> timing,
      boolean allowDuplicates) {}

  /** Opens the content, once. */
  @FunctionalInterface
  interface Content {
    InputStream open() throws IOException;
  }

  /** Fails if the file is no longer ours; called right before the row is written. */
  @FunctionalInterface
  interface Check {
    void check() throws IOException;
  }

  Arrival accept(Order order, Content content, Check check) throws IOException {
    String id = order.id();
    try {
      Timing timing = order.timing().get();
      Intake intake = storeBytes(id, order, content);
      check.check();
      return store.accept(job(id, order, intake, timing), order.allowDuplicates());
    } catch (UnfitTimeException e) {
      check.check();
      var refused = new Intake.Refused("invalid_timing", String.valueOf(e.getMessage()));
      return store.accept(job(id, order, refused, Timing.NOW), order.allowDuplicates());
    } finally {
      dropUnlessNeeded(id);
    }
  }

  private Intake storeBytes(String id, Order order, Content content) throws IOException {
    try (JobFiles files = beside ? workspace.openByOperator(id) : workspace.open(id);
        InputStream body = content.open()) {
      Intake intake =
          new Acceptor(largest.toBytes(), order.charset())
              .accept(body, files.toWrite().input(), order.drop().size());
      if (intake instanceof Intake.Accepted accepted) {
        files.keep(accepted.file());
      }
      return intake;
    }
  }

  /** Deletes bytes that no job will read; if the store fails, they stay. */
  private void dropUnlessNeeded(String id) throws IOException {
    if (store.job(id).filter(job -> !job.refused()).isEmpty()) {
      workspace.drop(id);
    }
  }

  private Job job(String id, Order order, Intake intake, Timing timing) {
    InboxFile drop = order.drop();
    String pipeline = order.pipeline();
    String client = order.client();
    String scope =
        client == null ? pipeline : pipeline + "|" + client; // clients do not share duplicates
    var job =
        Job.accepted(
                id,
                pipeline,
                order.provider(),
                new JobFile(drop.source(), drop.name(), "", drop.arrival(), 0),
                clock.instant())
            .with(b -> b.client(client).timing(timing));
    return switch (intake) {
      case Intake.Accepted accepted ->
          job.with(b ->
              b.file(job.file().with(f -> f.sha256(accepted.rawSha256()).bytes(accepted.bytes())))
                  .identity(scope + "|" + accepted.sha256()));
      case Intake.Refused refused ->
          job.with(b ->
              b.status(JobStatus.SETTLED)
                  .identity(scope + "|" + refused.code() + "|" + drop.arrival()) // without content
                  .refusal(job.label() + ": " + refused.message()));
    };
  }
}

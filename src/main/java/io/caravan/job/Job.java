package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One accepted input file and the state of its processing.
 *
 * @param source the file's original location, as shown to users
 * @param name the file's name relative to its inbox; outputs are named after it
 * @param sha256 hash of the file as it was dropped
 * @param identity unique in the store, so that the same requests are not paid for twice
 * @param arrival distinguishes a file that is read again after a crash from the same content
 *     dropped again
 * @param bytes size after decompression
 * @param queueLimits the maximum tokens of a part for each model, as JSON; stored before the first
 *     split, so that a repeated split gives the same parts
 * @param refusal why the file as a whole was refused
 * @param dueAt when the next step may run
 * @param tries consecutive failures of the step that is due
 * @param setback the last problem
 * @param parkedAt when it was parked; only an operator can resume it
 * @param retryOf the finished job whose failed requests this job sends again
 * @param estimatedCost estimated cost in millionths of a USD, as far as prices are known; null
 *     until it is checked
 * @param client the name of the API key that submitted it; null if there was none
 * @param owner the replica that holds the row
 */
@RecordBuilder
public record Job(
    String id,
    String pipeline,
    String provider,
    String source,
    String name,
    String sha256,
    String identity,
    String arrival,
    long bytes,
    JobStatus status,
    long requests,
    long results,
    long errors,
    long inputTokens,
    long outputTokens,
    @Nullable String queueLimits,
    @Nullable String refusal,
    Instant acceptedAt,
    @Nullable Instant finishedAt,
    Instant dueAt,
    int tries,
    @Nullable String setback,
    @Nullable Instant parkedAt,
    @Nullable String retryOf,
    @Nullable Long estimatedCost,
    @Nullable String client,
    long version,
    @Nullable String owner)
    implements Claimed, JobBuilder.With {

  /** Creates a job whose file is in the workspace and has not been read yet. */
  public static Job accepted(
      String id,
      String pipeline,
      String provider,
      String source,
      String name,
      String arrival,
      Instant now) {
    return JobBuilder.builder()
        .id(id)
        .pipeline(pipeline)
        .provider(provider)
        .source(source)
        .name(name)
        .sha256("")
        .identity(pipeline + "|" + id)
        .arrival(arrival)
        .status(JobStatus.ACCEPTED)
        .acceptedAt(now)
        .dueAt(now)
        .build();
  }

  @Override
  public String step() {
    return "job-" + status.verb();
  }

  /** The name for logs and messages, with control characters replaced. */
  public String label() {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  /** Whether the file was refused as a whole, so the job has no requests. */
  public boolean refused() {
    return refusal != null;
  }
}

package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One accepted input file, from the inbox until its last request is delivered.
 *
 * @param source where the file came from, as the user knows it
 * @param name the file's name relative to its inbox, which the outputs are named after
 * @param sha256 of the bytes as they were dropped
 * @param identity unique in the store: two jobs of the same identity would pay for the same
 *     requests
 * @param arrival tells a file that is read again after a crash from the same content dropped again
 * @param bytes after decompression
 * @param queueLimits how many tokens a part may have for a model, as JSON; written before the file
 *     is split for the first time, so that whoever splits it again cuts it alike
 * @param refusal why the file as a whole was refused
 * @param dueAt not to be worked on before
 * @param tries failures in a row of the step that is due
 * @param setback what went wrong the last time
 * @param parkedAt since when it waits for an operator, who alone can set it going again
 * @param retryOf the finished job whose failed requests these are
 * @param estimatedCost about what it costs, in millionths of a USD, as far as prices are known;
 *     null while it was not checked
 * @param client the name of the key that it came with; null when it came without one
 * @param owner the replica that works on it
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

  /** A job whose bytes are in the workspace and that nothing else is known of. */
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

  /** The name as it may stand in a log or a message, whatever characters a user put into it. */
  public String label() {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  /** The file as a whole was refused: there are no requests to speak of. */
  public boolean refused() {
    return refusal != null;
  }
}

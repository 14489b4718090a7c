package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One accepted input file and the state of its processing.
 *
 * @param identity unique in the store, so that the same requests are not paid for twice
 * @param queueLimits the maximum tokens of a part for each model, as JSON; stored before the first
 *     split, so that a repeated split gives the same parts
 * @param refusal why the file as a whole was refused
 * @param timing when it may be sent, and by when it is needed
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
    JobFile file,
    String identity,
    JobStatus status,
    JobCounts counts,
    @Nullable String queueLimits,
    @Nullable String refusal,
    Instant acceptedAt,
    @Nullable Instant finishedAt,
    Schedule schedule,
    Timing timing,
    @Nullable String retryOf,
    @Nullable Long estimatedCost,
    @Nullable String client,
    long version,
    @Nullable String owner)
    implements Claimed, JobBuilder.With {

  /** Creates a job whose file is in the workspace and has not been read yet. */
  public static Job accepted(
      String id, String pipeline, String provider, JobFile file, Instant now) {
    return JobBuilder.builder()
        .id(id)
        .pipeline(pipeline)
        .provider(provider)
        .file(file)
        .identity(pipeline + "|" + id)
        .status(JobStatus.ACCEPTED)
        .counts(JobCounts.NONE)
        .acceptedAt(now)
        .schedule(Schedule.due(now))
        .timing(Timing.NOW)
        .build();
  }

  @Override
  public String step() {
    return "job-" + status.verb();
  }

  /** The name for logs and messages, with control characters replaced. */
  public String label() {
    return file.name().replaceAll("\\p{Cntrl}", "?");
  }

  /** Whether the file was refused as a whole, so the job has no requests. */
  public boolean refused() {
    return refusal != null;
  }
}

package io.caravan.batch;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One slice of a job, small enough for one provider batch.
 *
 * @param key travels in the provider's metadata, so that a batch is found again and never created
 *     twice
 * @param requests lines in the part's file
 * @param bytes of the part's file
 * @param batchErrors the provider's reasons for failing the batch, as JSON
 * @param polls how often the status was asked
 * @param tries failures in a row of the step that is due
 * @param setback what went wrong the last time
 */
@RecordBuilder
public record Part(
    String id,
    String jobId,
    int number,
    String pipeline,
    String provider,
    String key,
    String endpoint,
    String model,
    long requests,
    long bytes,
    PartStatus status,
    @Nullable String inputFileId,
    @Nullable String batchId,
    @Nullable BatchStatus batchStatus,
    @Nullable String outputFileId,
    @Nullable String errorFileId,
    long completed,
    long failed,
    @Nullable String batchErrors,
    @Nullable Instant submittedAt,
    @Nullable Instant endedAt,
    Instant dueAt,
    int polls,
    int tries,
    @Nullable String setback,
    long version)
    implements Claimed, PartBuilder.With {

  /** A part whose file is in the workspace and that no provider has heard of. */
  public static Part planned(
      Job job, int number, String endpoint, String model, long requests, long bytes, Instant now) {
    String id = job.id() + "-" + number;
    return new Part(
        id,
        job.id(),
        number,
        job.pipeline(),
        job.provider(),
        "caravan-" + id,
        endpoint,
        model,
        requests,
        bytes,
        PartStatus.PLANNED,
        null,
        null,
        null,
        null,
        null,
        0,
        0,
        null,
        null,
        null,
        now,
        0,
        0,
        null,
        0);
  }

  @Override
  public String step() {
    return "batch-" + status.verb();
  }
}

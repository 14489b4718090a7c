package io.caravan.job;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What was sent to the provider for a part, and what the provider last said about it.
 *
 * @param uploads how many uploads were started
 * @param turnedAway how often its batch failed because the provider's queue was full
 * @param unclearSince since when it is unknown whether a started call reached the provider
 * @param keyAlias identifies the API key that created the batch; other keys may not see it
 * @param completed requests that the provider counts as completed
 * @param failed requests that the provider counts as failed
 * @param batchErrors the provider's reasons for failing the batch, as JSON
 * @param cancelledAt when the provider was asked to cancel the batch
 * @param roomSince since when it waits for room at the provider; null if it does not
 * @param countedAt when the counts or the status last changed
 * @param polls how often the status was polled
 */
@RecordBuilder
public record Submission(
    int uploads,
    int turnedAway,
    @Nullable Instant unclearSince,
    @Nullable String inputFileId,
    @Nullable String batchId,
    @Nullable String keyAlias,
    @Nullable BatchStatus batchStatus,
    @Nullable String outputFileId,
    @Nullable String errorFileId,
    long completed,
    long failed,
    @Nullable String batchErrors,
    @Nullable Instant submittedAt,
    @Nullable Instant cancelledAt,
    @Nullable Instant endedAt,
    @Nullable Instant roomSince,
    @Nullable Instant countedAt,
    int polls)
    implements SubmissionBuilder.With {
  /** Nothing was sent. */
  public static final Submission NONE = SubmissionBuilder.builder().build();

  /** An upload is about to start. */
  public Submission uploadStarted(Instant now) {
    return with(s -> s.uploads(uploads + 1).unclearSince(now).roomSince(null));
  }

  /** A started upload certainly did not reach the provider. */
  public Submission uploadNotSent() {
    return with(s -> s.uploads(uploads - 1).unclearSince(null));
  }

  /** The provider failed the batch because its queue is full. */
  public Submission rejected(Instant now) {
    return with(s ->
        s.turnedAway(turnedAway + 1)
            .unclearSince(null)
            .batchId(null)
            .batchStatus(null)
            .countedAt(null)
            .roomSince(now));
  }

  /** There is no room for it at the provider; it goes on waiting. */
  public Submission waitsForRoom(Instant now) {
    return roomSince == null ? withRoomSince(now) : this;
  }

  /** The provider told the batch's status. */
  public Submission polled(Batch batch, Instant now) {
    boolean same =
        batch.status() == batchStatus
            && batch.counts().completed() == completed
            && batch.counts().failed() == failed;
    return with(s ->
        s.countedAt(same && countedAt != null ? countedAt : now)
            .batchStatus(batch.status())
            .completed(batch.counts().completed())
            .failed(batch.counts().failed())
            .outputFileId(batch.outputFileId())
            .errorFileId(batch.errorFileId())
            .polls(polls + 1));
  }

  /** The batch has ended, now unless an earlier time is known. */
  public Submission ended(Instant now) {
    return endedAt == null ? withEndedAt(now) : this;
  }
}

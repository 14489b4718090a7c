package io.caravan.server.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.server.run.BatchPace;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.BatchProblem;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchCounts;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.wire.BatchUsage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenAI's Batch object, with its provider and, while it runs here, its throughput. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record BatchObject(
    String id,
    String object,
    String endpoint,
    @Nullable String model,
    @Nullable Problems errors,
    String inputFileId,
    String completionWindow,
    String status,
    @Nullable String outputFileId,
    @Nullable String errorFileId,
    long createdAt,
    @Nullable Long inProgressAt,
    long expiresAt,
    @Nullable Long finalizingAt,
    @Nullable Long completedAt,
    @Nullable Long failedAt,
    @Nullable Long expiredAt,
    @Nullable Long cancellingAt,
    @Nullable Long cancelledAt,
    StoredBatchCounts requestCounts,
    BatchUsage usage,
    @Nullable Map<String, String> metadata,
    String provider,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable BatchPace pace) {

  static BatchObject of(StoredBatch batch, @Nullable BatchPace pace) {
    return new BatchObject(
        batch.id(),
        "batch",
        batch.order().form().endpoint().path(),
        batch.progress().model(),
        batch.problems().isEmpty() ? null : new Problems("list", batch.problems()),
        batch.order().form().inputFileId(),
        BatchForm.WINDOW,
        batch.status().wireName(),
        batch.outputFileId(),
        batch.errorFileId(),
        batch.order().createdAt().getEpochSecond(),
        reached(batch, StoredBatchStatus.IN_PROGRESS),
        batch.order().expiresAt().getEpochSecond(),
        reached(batch, StoredBatchStatus.FINALIZING),
        reached(batch, StoredBatchStatus.COMPLETED),
        reached(batch, StoredBatchStatus.FAILED),
        reached(batch, StoredBatchStatus.EXPIRED),
        reached(batch, StoredBatchStatus.CANCELLING),
        reached(batch, StoredBatchStatus.CANCELLED),
        batch.progress().counts(),
        batch.progress().usage(),
        batch.order().form().metadata(),
        batch.order().form().provider(),
        pace);
  }

  private static @Nullable Long reached(StoredBatch batch, StoredBatchStatus status) {
    Instant at = batch.reached().get(status);
    return at == null ? null : at.getEpochSecond();
  }

  /** The list of reasons why a batch was refused. */
  record Problems(String object, List<BatchProblem> data) {}
}

package io.caravan.server.store;

import io.caravan.server.wire.IdKind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of a batch.
 *
 * @param reached when each status was reached
 * @param sealed whether the result files are complete and only have to be published
 */
public record StoredBatch(
    Order order,
    StoredBatchStatus status,
    Map<StoredBatchStatus, Instant> reached,
    List<BatchProblem> problems,
    BatchProgress progress,
    boolean sealed,
    @Nullable String outputFileId,
    @Nullable String errorFileId) {
  private static final Duration WINDOW = Duration.ofHours(24);

  public static StoredBatch create(long sequence, String owner, BatchForm form, Instant now) {
    return new StoredBatch(
        new Order(IdKind.BATCH.next(), sequence, owner, form, now, now.plus(WINDOW)),
        StoredBatchStatus.VALIDATING,
        Map.of(),
        List.of(),
        BatchProgress.NONE,
        false,
        null,
        null);
  }

  public String id() {
    return order.id();
  }

  public boolean started() {
    return reached.containsKey(StoredBatchStatus.IN_PROGRESS);
  }

  public boolean endedBefore(Instant time) {
    return status.terminal() && reached.getOrDefault(status, time).isBefore(time);
  }

  public StoredBatch become(StoredBatchStatus next, Instant now) {
    if (!status.canBecome(next)) {
      throw new IllegalStateException("%s: %s cannot become %s".formatted(id(), status, next));
    }
    Map<StoredBatchStatus, Instant> times = new EnumMap<>(StoredBatchStatus.class);
    times.putAll(reached);
    times.put(next, now);
    return new StoredBatch(
        order, next, times, problems, progress, sealed, outputFileId, errorFileId);
  }

  /** Returns the batch unchanged if it can no longer be cancelled. */
  public StoredBatch cancel(Instant now) {
    return status.canBecome(StoredBatchStatus.CANCELLING)
        ? become(StoredBatchStatus.CANCELLING, now)
        : this;
  }

  public StoredBatch with(BatchProgress newProgress) {
    return new StoredBatch(
        order, status, reached, problems, newProgress, sealed, outputFileId, errorFileId);
  }

  public StoredBatch with(List<BatchProblem> newProblems) {
    return new StoredBatch(
        order, status, reached, newProblems, progress, sealed, outputFileId, errorFileId);
  }

  public StoredBatch seal(BatchProgress last) {
    return new StoredBatch(order, status, reached, problems, last, true, outputFileId, errorFileId);
  }

  public StoredBatch publish(@Nullable String output, @Nullable String errors) {
    return new StoredBatch(order, status, reached, problems, progress, sealed, output, errors);
  }

  /** The immutable part of a batch: what was requested, by whom and when. */
  public record Order(
      String id,
      long sequence,
      String owner,
      BatchForm form,
      Instant createdAt,
      Instant expiresAt) {
    public Order {
      owner = Owner.orNone(owner);
    }
  }
}

package io.caravan.server;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch as it is stored.
 *
 * @param reached when each status was reached
 * @param sealed every request has its line in the result files, which are only to be published
 */
record Batch(
    Order order,
    BatchStatus status,
    Map<BatchStatus, Instant> reached,
    List<BatchProblem> problems,
    Progress progress,
    boolean sealed,
    @Nullable String outputFileId,
    @Nullable String errorFileId) {
  private static final Duration WINDOW = Duration.ofHours(24);

  static Batch create(long sequence, String owner, BatchForm form, Instant now) {
    return new Batch(
        new Order(IdKind.BATCH.next(), sequence, owner, form, now, now.plus(WINDOW)),
        BatchStatus.VALIDATING,
        Map.of(),
        List.of(),
        Progress.NONE,
        false,
        null,
        null);
  }

  String id() {
    return order.id();
  }

  boolean started() {
    return reached.containsKey(BatchStatus.IN_PROGRESS);
  }

  boolean endedBefore(Instant time) {
    return status.terminal() && reached.getOrDefault(status, time).isBefore(time);
  }

  Batch become(BatchStatus next, Instant now) {
    if (!status.canBecome(next)) {
      throw new IllegalStateException("%s: %s cannot become %s".formatted(id(), status, next));
    }
    Map<BatchStatus, Instant> times = new EnumMap<>(BatchStatus.class);
    times.putAll(reached);
    times.put(next, now);
    return new Batch(order, next, times, problems, progress, sealed, outputFileId, errorFileId);
  }

  /** Is left as it is when it cannot be cancelled any more. */
  Batch cancel(Instant now) {
    return status.canBecome(BatchStatus.CANCELLING) ? become(BatchStatus.CANCELLING, now) : this;
  }

  Batch with(Progress newProgress) {
    return new Batch(
        order, status, reached, problems, newProgress, sealed, outputFileId, errorFileId);
  }

  Batch with(List<BatchProblem> newProblems) {
    return new Batch(
        order, status, reached, newProblems, progress, sealed, outputFileId, errorFileId);
  }

  Batch seal(Progress last) {
    return new Batch(order, status, reached, problems, last, true, outputFileId, errorFileId);
  }

  Batch publish(@Nullable String output, @Nullable String errors) {
    return new Batch(order, status, reached, problems, progress, sealed, output, errors);
  }

  /** What was asked for, and when. */
  record Order(
      String id,
      long sequence,
      String owner,
      BatchForm form,
      Instant createdAt,
      Instant expiresAt) {
    Order {
      owner = Owner.orNobody(owner);
    }
  }
}

package io.caravan.operator;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.send.Forecasts;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A job as shown to operators.
 *
 * @param status its status, such as {@code in_progress}
 * @param results answered requests; while batches run, as reported by their providers
 * @param errors requests without a result; absent until all requests have finished
 * @param cancelledAt when its cancellation was requested
 * @param parkedAt when it, or the first of its parts, was parked
 * @param waitsFor the current problems of the job and its parts, without repeats
 * @param sendAt when its schedule lets it be sent; null for at once
 * @param deadlineAt by when it is needed
 * @param expectedAt when its answers are expected; null without a deadline
 * @param atRisk whether that is too late for its deadline, or almost
 * @param priority 1 to 10, the most urgent
 * @param outputs the paths of results, errors and report
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record JobView(
    String id,
    String name,
    String source,
    String pipeline,
    String provider,
    String status,
    long requests,
    long results,
    @Nullable Long errors,
    Instant acceptedAt,
    @Nullable Instant finishedAt,
    @Nullable Instant cancelledAt,
    @Nullable Instant parkedAt,
    @Nullable String retryOf,
    @Nullable String refusal,
    @Nullable Instant sendAt,
    @Nullable Instant deadlineAt,
    @Nullable Instant expectedAt,
    boolean atRisk,
    int priority,
    List<String> waitsFor,
    List<PartView> parts,
    Map<String, String> outputs) {

  static JobView of(
      Job job,
      List<Part> parts,
      @Nullable Instant cancelledAt,
      Forecasts.@Nullable Forecast forecast,
      Map<String, String> outputs) {
    boolean open = !job.status().settled();
    return new JobView(
        job.id(),
        job.label(),
        job.file().source(),
        job.pipeline(),
        job.provider(),
        job.status().word(),
        job.counts().requests(),
        open ? sum(parts, part -> part.submission().completed()) : job.counts().results(),
        open ? null : (Long) job.counts().errors(),
        job.acceptedAt(),
        job.finishedAt(),
        cancelledAt,
        parkedAt(job, parts),
        job.retryOf(),
        job.refusal(),
        job.timing().sendAt(),
        job.timing().deadlineAt(),
        forecast == null ? null : forecast.answeredAt(),
        forecast != null && forecast.atRisk(),
        job.timing().priority(),
        job.status().finished() ? List.of() : waitsFor(job, parts),
        parts.stream().map(PartView::of).toList(),
        outputs);
  }

  private static long sum(Collection<Part> parts, ToLongFunction<Part> count) {
    return parts.stream().mapToLong(count).sum();
  }

  private static @Nullable Instant parkedAt(Job job, List<Part> parts) {
    return Stream.concat(
            Stream.of(job.schedule().parkedAt()),
            parts.stream().map(part -> part.schedule().parkedAt()))
        .filter(Objects::nonNull)
        .min(Instant::compareTo)
        .orElse(null);
  }

  private static List<String> waitsFor(Job job, List<Part> parts) {
    return Stream.concat(
            Stream.ofNullable(job.schedule().setback()),
            parts.stream()
                .filter(part -> !part.status().terminal())
                .map(part -> part.schedule().setback()))
        .filter(Objects::nonNull)
        .distinct()
        .toList();
  }

  /** The state that matters most to operators: parked, cancelling or the status. */
  public String state() {
    if (parkedAt != null) {
      return "parked";
    }
    return cancelledAt != null && finishedAt == null ? "cancelling" : status;
  }

  /** A part of the job, and its batch. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record PartView(
      String name,
      String status,
      @Nullable String batch,
      @Nullable String batchStatus,
      long requests,
      long completed,
      long failed,
      int attempt,
      Instant dueAt,
      @Nullable Instant parkedAt,
      @Nullable String setback) {

    private static PartView of(Part part) {
      return new PartView(
          part.name(),
          part.status().word(),
          part.submission().batchId(),
          part.submission().batchStatus() == null ? null : part.submission().batchStatus().word(),
          part.size().requests(),
          part.submission().completed(),
          part.submission().failed(),
          part.attempt(),
          part.schedule().dueAt(),
          part.schedule().parkedAt(),
          part.status() == PartStatus.SETTLED ? null : part.schedule().setback());
    }
  }
}

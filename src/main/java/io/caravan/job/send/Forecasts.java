package io.caravan.job.send;

import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * When jobs will probably have their answers: by the progress of their batches, else by how long
 * nine of ten of the provider's last batches took.
 */
public final class Forecasts {
  private static final int LAST = 50;
  private static final double MOST = 0.9;
  private static final Duration FRESH = Duration.ofMinutes(1);

  private final JdbcClient jdbc;
  private final Duration assumed;
  private final Duration riskBuffer;
  private final Map<String, Known> turnarounds = new ConcurrentHashMap<>();

  private record Known(Duration turnaround, Instant readAt) {}

  /**
   * When a job will have its answers.
   *
   * @param atRisk whether that is after its deadline, or less than the risk buffer before it
   */
  public record Forecast(Instant answeredAt, boolean atRisk) {}

  /**
   * @param assumed the time of a batch at a provider of which none has ended
   * @param riskBuffer a job is at risk if its answers are expected less than this before its
   *     deadline
   */
  public Forecasts(JdbcClient jdbc, Duration assumed, Duration riskBuffer) {
    this.jdbc = jdbc;
    this.assumed = assumed;
    this.riskBuffer = riskBuffer;
  }

  /** When a job will probably have its answers, and whether that is too late. */
  public Forecast of(Job job, Instant sendAt, Collection<Part> parts, Instant now) {
    Instant expected = answeredAt(job, sendAt, parts, now);
    Instant deadline = job.timing().deadlineAt();
    return new Forecast(expected, deadline != null && expected.plus(riskBuffer).isAfter(deadline));
  }

  /** When all requests of a job will probably have answers. */
  private Instant answeredAt(Job job, Instant sendAt, Collection<Part> parts, Instant now) {
    Instant first = sendAt.isAfter(now) ? sendAt : now;
    return parts.isEmpty()
        ? first.plus(turnaround(job.provider(), now))
        : parts.stream()
            .map(part -> answeredAt(part, first, now))
            .max(Instant::compareTo)
            .orElse(now);
  }

  private Instant answeredAt(Part part, Instant first, Instant now) {
    return switch (part.status()) {
      case PLANNED, UPLOADING, UPLOADED, CREATING -> first.plus(turnaround(part.provider(), now));
      case SUBMITTED, CALLING -> running(part, now);
      case ENDED, RETRIEVED, REFUSED, SETTLED, DIVIDED -> now;
    };
  }

  private Instant running(Part part, Instant now) {
    Instant began = Optional.ofNullable(part.submission().submittedAt()).orElse(now);
    long done = part.submission().completed() + part.submission().failed();
    Duration took = Duration.between(began, now);
    Instant end =
        done > 0 && !took.isNegative()
            ? began.plusMillis(
                Math.round(
                    (double) took.toMillis() / (double) done * (double) part.size().requests()))
            : began.plus(turnaround(part.provider(), now));
    return end.isAfter(now) ? end : now;
  }

  private Duration turnaround(String provider, Instant now) {
    return turnarounds
        .compute(
            provider,
            (name, known) ->
                known == null || known.readAt().plus(FRESH).isBefore(now)
                    ? new Known(read(name), now)
                    : known)
        .turnaround();
  }

  private Duration read(String provider) {
    List<Long> millis =
        jdbc
            .sql(
                "SELECT ended_at - submitted_at FROM part WHERE provider = :provider AND way = 'BATCH'"
                    + " AND status IN (:ended) AND submitted_at IS NOT NULL AND ended_at IS NOT NULL"
                    + " ORDER BY ended_at DESC LIMIT :last")
            .param("provider", provider)
            .param("ended", List.of(PartStatus.SETTLED.name()))
            .param("last", LAST)
            .query(Long.class)
            .list()
            .stream()
            .sorted()
            .toList();
    return millis.isEmpty()
        ? assumed
        : Duration.ofMillis(millis.get((int) Math.ceil(MOST * millis.size()) - 1));
  }
}

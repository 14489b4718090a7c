package io.caravan.batch;

import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** How many prompt tokens may wait at a provider, as learned from it, and how many of ours do. */
public final class QueueLimits {
  private static final List<String> IN_FLIGHT =
      Stream.of(PartStatus.CREATING, PartStatus.SUBMITTED).map(Enum::name).toList();

  private final JdbcClient jdbc;

  QueueLimits(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The limit in tokens, when the provider has told one. */
  public OptionalLong limit(String queue) {
    return jdbc.sql("SELECT tokens FROM queue_limit WHERE queue = :queue")
        .param("queue", queue)
        .query(Long.class)
        .optional()
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /** Keeps what the provider has told last. */
  public void learn(String queue, long tokens, Instant now) {
    jdbc.sql(
            "INSERT INTO queue_limit (queue, tokens, learned_at) VALUES (:queue, :tokens, :now)"
                + " ON CONFLICT (queue) DO UPDATE SET tokens = excluded.tokens,"
                + " learned_at = excluded.learned_at")
        .param("queue", queue)
        .param("tokens", tokens)
        .param("now", now.toEpochMilli())
        .update();
  }

  /** Estimated tokens of all other parts of that queue whose batches are at the provider. */
  public long inFlight(Part part) {
    return jdbc.sql(
                "SELECT COALESCE(SUM(bytes), 0) FROM part WHERE provider = :provider AND model = :model"
                    + " AND status IN (:statuses) AND id <> :id")
            .param("provider", part.provider())
            .param("model", part.model())
            .param("statuses", IN_FLIGHT)
            .param("id", part.id())
            .query(Long.class)
            .single()
        / 4;
  }
}

package io.caravan.job.send;

import io.caravan.job.Part;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which unsent part gets the next room at a provider: that of the highest priority, which grows
 * while it waits; among equals, one of the client with the fewest batches there; then the one that
 * waits longest.
 */
public final class SendOrder {
  private static final Duration AHEAD = Duration.ofMinutes(1);

  /** The rank of each unsent part that waits for room or is due. */
  private static final String RANKED =
      """
      WITH flight AS (
        SELECT COALESCE(j.client, '') AS client, COUNT(*) AS batches
        FROM part p JOIN job j ON j.id = p.job_id
        WHERE p.provider = :provider AND p.status IN (:underWay) GROUP BY COALESCE(j.client, '')),
      ranked AS (
        SELECT p.id, p.priority + (:now - COALESCE(p.room_since, :now)) / :ageing AS rank,
          COALESCE(f.batches, 0) AS batches, COALESCE(p.room_since, p.due_at) AS since
        FROM part p JOIN job j ON j.id = p.job_id
          LEFT JOIN flight f ON f.client = COALESCE(j.client, '')
        WHERE p.provider = :provider AND p.status IN ('PLANNED', 'UPLOADED')
          AND p.parked_at IS NULL AND p.way = 'BATCH'
          AND (:model = '' OR (p.model = :model AND p.status = 'UPLOADED'))
          AND (p.room_since IS NOT NULL OR p.due_at <= :now OR p.id = :id))
      SELECT r.id FROM ranked r, ranked own
      WHERE own.id = :id AND r.id <> :id AND (r.rank > own.rank OR (r.rank = own.rank
        AND (r.batches < own.batches OR (r.batches = own.batches
          AND (r.since < own.since OR (r.since = own.since AND r.id < own.id))))))
      ORDER BY r.rank DESC, r.batches, r.since, r.id LIMIT :most\
      """;

  private final JdbcClient jdbc;

  public SendOrder(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * The parts that get room at the provider before this one, at most so many, the first one first.
   *
   * @param ageing the wait by which a priority grows by one
   */
  public List<String> before(Part part, Instant now, Duration ageing, long most) {
    return ranked(part, "", now, ageing, most);
  }

  /** The part that gets room in the same queue of tokens before this one; empty if none does. */
  public Optional<String> beforeInQueue(Part part, Instant now, Duration ageing) {
    return ranked(part, part.model(), now, ageing, 1).stream().findFirst();
  }

  /** The number of parts of a provider that have no batch yet. */
  public long unsent(String provider) {
    return jdbc.sql(
            "SELECT COUNT(*) FROM part WHERE provider = :provider AND status IN ('PLANNED', 'UPLOADED')")
        .param("provider", provider)
        .query(Long.class)
        .single();
  }

  private List<String> ranked(Part part, String model, Instant now, Duration ageing, long most) {
    return jdbc.sql(RANKED)
        .param("provider", part.provider())
        .param("model", model)
        .param("underWay", QueueLimits.UNDER_WAY)
        .param("id", part.id())
        .param("now", now.toEpochMilli())
        .param("ageing", ageing.toMillis())
        .param("most", most)
        .query(String.class)
        .list();
  }

  /** Lets a part try again now, before those that have only just become due. */
  public void wake(String id, Instant now) {
    jdbc.sql(
            "UPDATE part SET due_at = :now WHERE id = :id AND due_at > :now AND status IN ('PLANNED', 'UPLOADED')")
        .param("id", id)
        .param("now", now.minus(AHEAD).toEpochMilli())
        .update();
  }

  /** Lets the part try again that gets the next room at a provider, if one waits. */
  public void wakeNext(String provider, Instant now, Duration ageing) {
    jdbc.sql(
            """
            SELECT p.id FROM part p WHERE p.provider = :provider AND p.status IN ('PLANNED', 'UPLOADED')
              AND p.room_since IS NOT NULL AND p.parked_at IS NULL
            ORDER BY p.priority + (:now - p.room_since) / :ageing DESC, p.room_since, p.id LIMIT 1\
            """)
        .param("provider", provider)
        .param("now", now.toEpochMilli())
        .param("ageing", ageing.toMillis())
        .query(String.class)
        .optional()
        .ifPresent(id -> wake(id, now));
  }
}

package io.caravan.job;

import io.caravan.lease.Database;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Bulk access to batches in flight that are polled through their provider's list. Rows are not
 * claimed: an update only schedules the next poll, and only if the row has not changed meanwhile.
 */
public final class WaitingBatches {
  private static final int MOST = 50_000;

  private final NamedParameterJdbcTemplate jdbc;
  private final TransactionOperations transactions;
  private final String waiting;
  private final String askAgain;
  private final String wake;
  private final String held;

  public WaitingBatches(
      NamedParameterJdbcTemplate jdbc, TransactionOperations transactions, Database database) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.waiting =
        """
        SELECT id, provider, batch_id, batch_status, polls, due_at, version FROM part
        WHERE status = 'SUBMITTED' AND due_at <= :until AND parked_at IS NULL AND %s
          AND batch_status IS NOT NULL AND cancelled_at IS NULL AND cut_short IS NULL AND provider NOT IN (:without)
          AND job_id NOT IN (SELECT job_id FROM cancellation)
          AND job_id IN (SELECT id FROM job WHERE COALESCE(send_at, accepted_at) > :acceptedAfter)
        ORDER BY due_at LIMIT :most\
        """
            .formatted(database.isFree());
    this.askAgain =
        """
        UPDATE part SET counted_at = CASE WHEN completed = :completed AND failed = :failed
          THEN COALESCE(counted_at, :now) ELSE :now END,
          completed = :completed, failed = :failed, polls = polls + 1, tries = 0,
          setback = NULL, due_at = :next, version = version + 1
        WHERE id = :id AND version = :version AND due_at = :dueAt AND %s\
        """
            .formatted(database.isFree());
    this.wake =
        """
        UPDATE part SET due_at = :due, polls = 0
        WHERE id = :id AND status = 'SUBMITTED' AND due_at > :due AND %s\
        """
            .formatted(database.isFree());
    this.held =
        "SELECT COUNT(*) FROM part WHERE id = :id AND status = 'SUBMITTED' AND NOT (%s)"
            .formatted(database.isFree());
  }

  /**
   * The parts that wait for a batch.
   *
   * @param providers the providers that may have it
   */
  public List<Waits> waitingFor(String batchId, Set<String> providers) {
    return jdbc.query(
        """
        SELECT id, provider FROM part WHERE status = 'SUBMITTED' AND batch_id = :batch
          AND provider IN (:providers) AND parked_at IS NULL\
        """,
        new MapSqlParameterSource()
            .addValue("batch", batchId)
            .addValue("providers", providers.isEmpty() ? Set.of("") : providers),
        (row, n) -> new Waits(row.getString("id"), row.getString("provider")));
  }

  /** A part that waits for its batch, and the provider that has the batch. */
  public record Waits(String id, String provider) {}

  /**
   * Makes the next poll of a part's batch due at that time, unless it is due sooner, and lets the
   * waits between polls grow from the first one again.
   *
   * @return false if nothing was changed because a replica holds the row, maybe for a poll that
   *     began earlier
   */
  public boolean wake(String id, Instant due) {
    var values = new MapSqlParameterSource("id", id).addValue("due", due.toEpochMilli());
    if (jdbc.update(wake, values) > 0) {
      return true;
    }
    Integer holders = jdbc.queryForObject(held, values, Integer.class);
    return holders == null || holders == 0;
  }

  /**
   * The batches that are due until then and not held, longest due first.
   *
   * @param acceptedAfter batches of older jobs are skipped
   * @param without providers whose batches are skipped
   */
  public List<WaitingBatch> until(Instant until, Instant acceptedAfter, Set<String> without) {
    return jdbc.query(
        waiting,
        new MapSqlParameterSource()
            .addValue("until", until.toEpochMilli())
            .addValue("acceptedAfter", acceptedAfter.toEpochMilli())
            .addValue("without", without.isEmpty() ? Set.of("") : without)
            .addValue("most", MOST),
        (row, n) ->
            new WaitingBatch(
                row.getString("id"),
                row.getString("provider"),
                row.getString("batch_id"),
                BatchStatus.valueOf(row.getString("batch_status")),
                row.getInt("polls"),
                Instant.ofEpochMilli(row.getLong("due_at")),
                row.getLong("version")));
  }

  /** The number of batches in flight at each provider, due or not. */
  public Map<String, Integer> count() {
    var counts = new HashMap<String, Integer>();
    jdbc.query(
        "SELECT provider, COUNT(*) AS n FROM part WHERE status = 'SUBMITTED' GROUP BY provider",
        row -> {
          counts.put(row.getString("provider"), row.getInt("n"));
        });
    return counts;
  }

  /** Stores the counts and schedules the next polls; skips rows that have changed. */
  public void askAgain(List<Asked> batches, Instant now) {
    SqlParameterSource[] rows =
        batches.stream().map(batch -> values(batch, now)).toArray(SqlParameterSource[]::new);
    transactions.executeWithoutResult(tx -> jdbc.batchUpdate(askAgain, rows));
  }

  private static SqlParameterSource values(Asked batch, Instant now) {
    return new MapSqlParameterSource()
        .addValue("id", batch.batch().id())
        .addValue("version", batch.batch().version())
        .addValue("dueAt", batch.batch().dueAt().toEpochMilli())
        .addValue("completed", batch.counts().completed())
        .addValue("failed", batch.counts().failed())
        .addValue("now", now.toEpochMilli())
        .addValue("next", batch.next().toEpochMilli());
  }

  /** The progress of a batch, and when to poll it again. */
  public record Asked(WaitingBatch batch, RequestCounts counts, Instant next) {}
}

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

  public WaitingBatches(
      NamedParameterJdbcTemplate jdbc, TransactionOperations transactions, Database database) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.waiting =
        """
        SELECT id, provider, batch_id, batch_status, polls, due_at, version FROM part
        WHERE status = 'SUBMITTED' AND due_at <= :until AND parked_at IS NULL AND %s
          AND batch_status IS NOT NULL AND cancelled_at IS NULL AND provider NOT IN (:without)
          AND job_id NOT IN (SELECT job_id FROM cancellation)
          AND job_id IN (SELECT id FROM job WHERE accepted_at > :acceptedAfter)
        ORDER BY due_at LIMIT :most\
        """
            .formatted(database.isFree());
    this.askAgain =
        """
        UPDATE part SET completed = :completed, failed = :failed, polls = polls + 1, tries = 0,
          setback = NULL, due_at = :next, version = version + 1
        WHERE id = :id AND version = :version AND due_at = :dueAt AND %s\
        """
            .formatted(database.isFree());
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
  public void askAgain(List<Asked> batches) {
    SqlParameterSource[] rows =
        batches.stream().map(WaitingBatches::values).toArray(SqlParameterSource[]::new);
    transactions.executeWithoutResult(tx -> jdbc.batchUpdate(askAgain, rows));
  }

  private static SqlParameterSource values(Asked batch) {
    return new MapSqlParameterSource()
        .addValue("id", batch.batch().id())
        .addValue("version", batch.batch().version())
        .addValue("dueAt", batch.batch().dueAt().toEpochMilli())
        .addValue("completed", batch.counts().completed())
        .addValue("failed", batch.counts().failed())
        .addValue("next", batch.next().toEpochMilli());
  }

  /** The progress of a batch, and when to poll it again. */
  public record Asked(WaitingBatch batch, RequestCounts counts, Instant next) {}
}

package io.caravan.job;

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
 * Batches in flight as their provider's list tells about them, many at once. Nobody holds a row for
 * that: all that is written is when to ask again, and only where nobody else has written meanwhile.
 */
public final class WaitingBatches {
  private static final int MOST = 50_000;

  private final NamedParameterJdbcTemplate jdbc;
  private final TransactionOperations transactions;
  private final String waiting;
  private final String askAgain;

  WaitingBatches(
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
   * Those that are to be asked until then, the longest due first, and that nobody is busy with.
   *
   * @param acceptedAfter jobs that are older are left alone
   * @param without providers whose batches are left alone
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

  /** How many are in flight at each provider, due or not. */
  public Map<String, Integer> count() {
    var counts = new HashMap<String, Integer>();
    jdbc.query(
        "SELECT provider, COUNT(*) AS n FROM part WHERE status = 'SUBMITTED' GROUP BY provider",
        row -> {
          counts.put(row.getString("provider"), row.getInt("n"));
        });
    return counts;
  }

  /** They were asked, and are to be asked again; one that somebody else has written is left. */
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

  /** How far a batch is, and when to ask again. */
  public record Asked(WaitingBatch batch, RequestCounts counts, Instant next) {}
}

package io.caravan.server.store.postgres;

import io.caravan.server.store.LeaseLostException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The table of unfinished batches, with their runners and the ends of their leases by the
 * database's clock.
 */
final class RunRows {
  private static final String NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

  private final JdbcClient jdbc;
  private final Duration lease;

  RunRows(JdbcClient jdbc, Duration lease) {
    this.jdbc = jdbc;
    this.lease = lease;
  }

  /** Inserts the row of a new batch, leased to this replica. */
  Run insert(String id, Optional<String> input) {
    var run = Run.of(id);
    jdbc.sql(
            "INSERT INTO server_run (batch_id, input_id, runner, lease_until, cancelling)"
                + " VALUES (:id, :input, :runner, %s + :lease, FALSE)".formatted(NOW))
        .param("id", id)
        .param("input", input.orElse(null))
        .param("runner", run.runner())
        .param("lease", lease.toMillis())
        .update();
    return run;
  }

  /** Takes over unleased batches. Needs a transaction, so that no row is taken twice. */
  List<Run> claim(int room) {
    return jdbc
        .sql(
            "SELECT batch_id FROM server_run WHERE lease_until <= %s ORDER BY lease_until LIMIT :room FOR UPDATE SKIP LOCKED"
                .formatted(NOW))
        .param("room", room)
        .query(String.class)
        .list()
        .stream()
        .map(this::take)
        .toList();
  }

  private Run take(String id) {
    var run = Run.of(id);
    jdbc.sql(
            "UPDATE server_run SET runner = :runner, lease_until = %s + :lease WHERE batch_id = :id"
                .formatted(NOW))
        .param("runner", run.runner())
        .param("lease", lease.toMillis())
        .param("id", id)
        .update();
    return run;
  }

  /** Renews leases; returns the ids of batches still held, and whether each is to be cancelled. */
  Map<String, Boolean> renew(Collection<Run> runs) {
    Map<String, Boolean> renewed = new HashMap<>();
    jdbc.sql(
            "UPDATE server_run SET lease_until = %s + :lease".formatted(NOW)
                + " FROM unnest(CAST(:ids AS text[]), CAST(:runners AS text[])) AS held (id, name)"
                + " WHERE batch_id = held.id AND runner = held.name RETURNING batch_id, cancelling")
        .param("lease", lease.toMillis())
        .param("ids", runs.stream().map(Run::batchId).toArray(String[]::new))
        .param("runners", runs.stream().map(Run::runner).toArray(String[]::new))
        .query(row -> {
          renewed.put(row.getString("batch_id"), row.getBoolean("cancelling"));
        });
    return renewed;
  }

  /** Sets the flag by which the runner learns of the cancellation. */
  void askToCancel(String id) {
    jdbc.sql("UPDATE server_run SET cancelling = TRUE WHERE batch_id = ?").param(id).update();
  }

  /**
   * Checks the lease and locks it until the end of the transaction.
   *
   * @throws LeaseLostException if another server has taken over the batch
   */
  void check(Run run) {
    boolean held =
        jdbc.sql("SELECT batch_id FROM server_run WHERE batch_id = ? AND runner = ? FOR SHARE")
            .params(run.batchId(), run.runner())
            .query(String.class)
            .optional()
            .isPresent();
    if (!held) {
      throw new LeaseLostException(run.batchId());
    }
  }

  /** The id of the batch's input, if it has one. */
  Optional<String> input(String id) {
    return jdbc.sql("SELECT input_id FROM server_run WHERE batch_id = ? AND input_id IS NOT NULL")
        .param(id)
        .query(String.class)
        .optional();
  }

  void delete(String id) {
    jdbc.sql("DELETE FROM server_run WHERE batch_id = ?").param(id).update();
  }

  void release(Run run) {
    jdbc.sql(
            "UPDATE server_run SET runner = NULL, lease_until = 0"
                + " WHERE batch_id = ? AND runner = ?")
        .params(run.batchId(), run.runner())
        .update();
  }

  /** One run of a batch. Each run has a new runner id, so that late writes are detected. */
  record Run(String batchId, String runner) {
    static Run of(String batchId) {
      return new Run(batchId, UUID.randomUUID().toString());
    }
  }
}

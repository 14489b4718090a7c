package io.caravan.server.store;

import io.caravan.lease.StaleRowException;
import io.caravan.server.store.answers.AnswerStore.Run;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table of unfinished batches, with the replica that runs each of them. */
final class RunRows {
  private final JdbcClient jdbc;
  private final ServerDatabase database;

  RunRows(ServerDatabase database) {
    this.jdbc = database.jdbc();
    this.database = database;
  }

  /** Inserts the row of a new batch, held by this replica. */
  Run insert(String id, Optional<String> input) {
    var run = new Run(id, database.replica().id());
    insert(id, input.orElse(null), run.owner());
    return run;
  }

  /** Inserts a row, unless there is one. */
  void insert(String id, @Nullable String input, @Nullable String owner) {
    jdbc.sql(
            "INSERT INTO server_run (batch_id, input_id, owner, cancelling)"
                + " VALUES (:id, :input, :owner, FALSE) ON CONFLICT (batch_id) DO NOTHING")
        .param("id", id)
        .param("input", input)
        .param("owner", owner)
        .update();
  }

  /** Takes batches that no replica holds. Needs a transaction, so that no row is taken twice. */
  List<Run> claim(int room) {
    return jdbc
        .sql(
            "SELECT batch_id FROM server_run WHERE %s ORDER BY batch_id LIMIT :room %s"
                .formatted(database.kind().isFree(), database.kind().skipLocked()))
        .param("room", room)
        .query(String.class)
        .list()
        .stream()
        .map(this::take)
        .toList();
  }

  private Run take(String id) {
    var run = new Run(id, database.replica().id());
    jdbc.sql("UPDATE server_run SET owner = :owner WHERE batch_id = :id")
        .param("owner", run.owner())
        .param("id", id)
        .update();
    return run;
  }

  /** The batches that an owner holds, and whether each is to be cancelled. */
  Map<String, Boolean> heldBy(String owner) {
    Map<String, Boolean> held = new HashMap<>();
    jdbc.sql("SELECT batch_id, cancelling FROM server_run WHERE owner = ?")
        .param(owner)
        .query(row -> {
          held.put(row.getString("batch_id"), row.getBoolean("cancelling"));
        });
    return held;
  }

  /** The ids of all unfinished batches. */
  Set<String> ids() {
    return new HashSet<>(jdbc.sql("SELECT batch_id FROM server_run").query(String.class).list());
  }

  /** Sets the flag by which the runner learns of the cancellation. */
  void askToCancel(String id) {
    jdbc.sql("UPDATE server_run SET cancelling = TRUE WHERE batch_id = ?").param(id).update();
  }

  /**
   * Checks that the replica still holds the batch, and locks the row until the end of the
   * transaction.
   *
   * @throws StaleRowException if another replica has taken over the batch
   */
  void check(Run run) {
    boolean held =
        jdbc.sql(
                "SELECT batch_id FROM server_run WHERE batch_id = ? AND owner = ?"
                    + database.forShare())
            .params(run.batchId(), run.owner())
            .query(String.class)
            .optional()
            .isPresent();
    if (!held) {
      throw run.takenOver();
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
    jdbc.sql("UPDATE server_run SET owner = NULL WHERE batch_id = ? AND owner = ?")
        .params(run.batchId(), run.owner())
        .update();
  }
}

package io.caravan.queue.store;

import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The rows of requests that end. */
public final class OutcomeStore {
  private static final int ROWS = 500;

  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final TransactionOperations transactions;
  private final CallbackStore callbacks;
  private final Clock clock;

  public OutcomeStore(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionOperations transactions,
      CallbackStore callbacks,
      Clock clock) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.transactions = transactions;
    this.callbacks = callbacks;
    this.clock = clock;
  }

  /** Stores outcomes in one transaction; requests that have ended before keep their outcome. */
  public void end(QueueJob job, List<RequestOutcome> outcomes) {
    if (outcomes.isEmpty()) {
      return;
    }
    long now = clock.millis();
    var rows = new ArrayList<Object[]>(outcomes.size());
    for (RequestOutcome outcome : outcomes) {
      rows.add(
          new Object[] {
            outcome.status().name(),
            outcome.line(),
            now,
            job.group().client(),
            outcome.customId(),
            job.id()
          });
    }
    transactions.executeWithoutResult(tx -> {
      int[] ended =
          batches.batchUpdate(
              "UPDATE queue_request SET status = ?, answer = ?, ended_at = ?, body = ''"
                  + " WHERE client = ? AND custom_id = ? AND job_id = ? AND status = 'SUBMITTED'",
              rows);
      List<String> customIds =
          IntStream.range(0, ended.length)
              .filter(i -> ended[i] > 0)
              .mapToObj(i -> outcomes.get(i).customId())
              .toList();
      callBack(job.group().client(), customIds);
    });
  }

  private void callBack(String client, List<String> customIds) {
    if (!customIds.isEmpty()) {
      callbacks.add(
          jdbc.sql(
                  "SELECT id, client, callback_url FROM queue_request WHERE client = :client"
                      + " AND custom_id IN (:ids) AND callback_url IS NOT NULL")
              .param("client", client)
              .param("ids", customIds)
              .query((row, n) -> order(row))
              .list());
    }
  }

  private static CallbackOrder order(ResultSet row) throws SQLException {
    return new CallbackOrder(
        row.getString("id"),
        new CallbackEndpoint(row.getString("client"), row.getString("callback_url")));
  }

  /** Ends those requests of a job that have no outcome yet. */
  public void endRest(QueueJob job, RequestStatus status, String line) {
    Map<String, Object> values =
        Map.of(
            "status", status.name(),
            "line", line,
            "now", clock.millis(),
            "job", job.id(),
            "rows", ROWS);
    int ended;
    do {
      ended = transactions.execute(tx -> endSome(values));
    } while (ended == ROWS);
  }

  private int endSome(Map<String, Object> values) {
    List<Optional<CallbackOrder>> ended =
        jdbc.sql(
                "UPDATE queue_request SET status = :status, answer = :line, ended_at = :now,"
                    + " body = '' WHERE id IN (SELECT id FROM queue_request WHERE job_id = :job"
                    + " AND status = 'SUBMITTED' LIMIT :rows) RETURNING id, client, callback_url")
            .params(values)
            .query((row, n) ->
                row.getString("callback_url") == null
                    ? Optional.<CallbackOrder>empty()
                    : Optional.of(order(row)))
            .list();
    callbacks.add(ended.stream().flatMap(Optional::stream).toList());
    return ended.size();
  }
}

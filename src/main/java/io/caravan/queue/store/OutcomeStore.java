package io.caravan.queue.store;

import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestStatus;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The rows of requests that end. */
public final class OutcomeStore {
  private static final int ROWS = 500;

  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final TransactionOperations transactions;
  private final Clock clock;

  public OutcomeStore(
      JdbcClient jdbc, JdbcOperations batches, TransactionOperations transactions, Clock clock) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.transactions = transactions;
    this.clock = clock;
  }

  /** Stores outcomes in one transaction; requests that have ended before keep their outcome. */
  public void end(QueueJob job, List<Outcome> outcomes) {
    if (outcomes.isEmpty()) {
      return;
    }
    long now = clock.millis();
    var rows = new ArrayList<Object[]>(outcomes.size());
    for (Outcome outcome : outcomes) {
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
      batches.batchUpdate(
          "UPDATE queue_request SET status = ?, answer = ?, ended_at = ?, body = ''"
              + " WHERE client = ? AND custom_id = ? AND job_id = ? AND status = 'SUBMITTED'",
          rows);
    });
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
      ended =
          jdbc.sql(
                  "UPDATE queue_request SET status = :status, answer = :line, ended_at = :now,"
                      + " body = '' WHERE id IN (SELECT id FROM queue_request WHERE job_id = :job"
                      + " AND status = 'SUBMITTED' LIMIT :rows)")
              .params(values)
              .update();
    } while (ended == ROWS);
  }
}

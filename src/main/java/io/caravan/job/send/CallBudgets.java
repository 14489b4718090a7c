package io.caravan.job.send;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * What the synchronous calls of a job may cost, in millionths of a USD. A part takes its share in
 * pieces, so that several of them, on several replicas, never spend more than the limit together.
 */
public final class CallBudgets {
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public CallBudgets(JdbcClient jdbc, TransactionOperations transactions) {
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /** What a part has taken so far. */
  public long taken(String part) {
    return jdbc.sql("SELECT micros FROM call_budget WHERE part_id = :part")
        .param("part", part)
        .query(Long.class)
        .optional()
        .orElse(0L);
  }

  /**
   * Takes more for a part.
   *
   * @param limit of the job
   * @return false if less than that is left
   */
  public boolean take(String part, String job, long micros, long limit) {
    return transactions.execute(tx -> {
      jdbc.sql(
              "INSERT INTO call_budget (part_id, job_id, micros) VALUES (:job, :job, 0)"
                  + " ON CONFLICT (part_id) DO NOTHING")
          .param("job", job)
          .update();
      jdbc.sql("UPDATE call_budget SET micros = 0 WHERE part_id = :job")
          .param("job", job)
          .update(); // locks the job's row until the transaction ends
      Long all =
          jdbc.sql("SELECT COALESCE(SUM(micros), 0) FROM call_budget WHERE job_id = :job")
              .param("job", job)
              .query(Long.class)
              .single();
      if (all + micros > limit) {
        return false;
      }
      jdbc.sql(
              "INSERT INTO call_budget (part_id, job_id, micros) VALUES (:part, :job, :micros)"
                  + " ON CONFLICT (part_id) DO UPDATE SET micros = call_budget.micros + :micros")
          .param("part", part)
          .param("job", job)
          .param("micros", micros)
          .update();
      return true;
    });
  }

  /** Gives back what a part has not spent. */
  public void settle(String part, long spent) {
    jdbc.sql("UPDATE call_budget SET micros = :spent WHERE part_id = :part AND micros > :spent")
        .param("spent", spent)
        .param("part", part)
        .update();
  }
}

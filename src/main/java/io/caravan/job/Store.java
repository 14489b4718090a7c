package io.caravan.job;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** All that one database holds of jobs, as seen by one replica. */
public record Store(JobStore jobs, Claims claims, Deliveries deliveries, JobOverview overview) {
  /**
   * Opens them on a database.
   *
   * @param passing for writes that a power failure may lose: claims, and the time of the next poll
   */
  public static Store on(
      JdbcClient jdbc,
      JdbcClient passing,
      TransactionOperations transactions,
      Database database,
      Replica replica) {
    var claims = new Claims(jdbc, passing, transactions, database, replica);
    return new Store(
        new JobStore(jdbc, passing, transactions, database, claims::partIsTerminal),
        claims,
        new Deliveries(jdbc),
        new JobOverview(jdbc));
  }
}

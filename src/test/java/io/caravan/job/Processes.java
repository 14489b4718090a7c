package io.caravan.job;

import io.caravan.job.send.CallBudgets;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.LateParts;
import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.Scheduler;
import io.caravan.job.send.SendOrder;
import io.caravan.job.send.TokenRates;
import io.caravan.job.source.JdbcUntakenFiles;
import io.caravan.job.source.SourceLocks;
import io.caravan.job.source.UntakenFiles;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** One database used by several simulated processes, each with a lease longer than any test. */
public record Processes(DataSource source, Database database) {
  /** The store of a newly started process. */
  public Store store() {
    return store(replica());
  }

  Store store(Replica replica) {
    return Store.on(jdbc(), jdbc(), transactions(), database, replica);
  }

  /** Starts a new process. */
  public Replica replica() {
    return replica(Duration.ofHours(1));
  }

  Replica replica(Duration lease) {
    return new Replica(jdbc(), database, lease).begin();
  }

  public SourceLocks sourceLocks(Replica replica) {
    return new SourceLocks(jdbc(), database, replica);
  }

  public Cancellations cancellations() {
    return new Cancellations(jdbc());
  }

  public SendOrder sendOrder() {
    return new SendOrder(jdbc());
  }

  CallBudgets callBudgets() {
    return new CallBudgets(jdbc(), transactions());
  }

  LateParts lateParts() {
    return new LateParts(jdbc(), database);
  }

  Forecasts forecasts() {
    return new Forecasts(jdbc(), Duration.ofHours(1), Duration.ofMinutes(15));
  }

  public Scheduler scheduler() {
    return new Scheduler(jdbc());
  }

  public WaitingBatches waitingBatches() {
    return new WaitingBatches(new NamedParameterJdbcTemplate(source), transactions(), database);
  }

  UntakenFiles untaken() {
    return new JdbcUntakenFiles(jdbc());
  }

  public QueueLimits queueLimits() {
    return new QueueLimits(jdbc(), transactions());
  }

  public TokenRates tokenRates() {
    return new TokenRates(jdbc());
  }

  /** Transactions on the database. */
  public TransactionTemplate transactions() {
    return new TransactionTemplate(new JdbcTransactionManager(source));
  }

  /** Expires the leases of all processes so far. */
  public void lapse() {
    jdbc().sql("UPDATE replica SET lease_until = %s - 1".formatted(database.now())).update();
  }

  /** Plain SQL. */
  public JdbcClient jdbc() {
    return JdbcClient.create(source);
  }
}

package io.caravan.server.store;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** Access to the server's tables. */
public final class ServerDatabase {
  private final Database kind;
  private final Replica replica;
  private final JdbcClient jdbc;
  private final TransactionOperations transactions;

  public ServerDatabase(DataSource source, Database kind, Replica replica) {
    this.kind = kind;
    this.replica = replica;
    this.jdbc = JdbcClient.create(source);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
  }

  JdbcClient jdbc() {
    return jdbc;
  }

  Database kind() {
    return kind;
  }

  Replica replica() {
    return replica;
  }

  /** Whether several replicas may use the tables. */
  boolean shared() {
    return kind == Database.POSTGRESQL;
  }

  /** SQL that locks selected rows; a transaction of SQLite locks the whole database. */
  String forUpdate() {
    return shared() ? " FOR UPDATE" : "";
  }

  /** SQL that locks selected rows against changes only. */
  String forShare() {
    return shared() ? " FOR SHARE" : "";
  }

  <D> Documents<D> documents(String kindOfDocument, Class<D> type, Function<D, String> id) {
    return new Documents<>(this, kindOfDocument, type, id);
  }

  /** Runs the work in a transaction. */
  <T> T inTransaction(Supplier<T> work) {
    try {
      return transactions.execute(status -> work.get());
    } catch (TransactionException e) {
      throw new DataAccessResourceFailureException("the database is unavailable", e);
    }
  }
}

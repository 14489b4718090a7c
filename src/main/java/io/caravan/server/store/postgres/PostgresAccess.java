package io.caravan.server.store.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** Access to the database that replicas share. */
public final class PostgresAccess {
  /** Files written concurrently; the limit leaves connections for other work. */
  private static final int WRITERS = 2;

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final Semaphore writers = new Semaphore(WRITERS, true);

  public PostgresAccess(DataSource source) {
    this.jdbc = JdbcClient.create(source);
    this.transactions = new TransactionTemplate(new JdbcTransactionManager(source));
  }

  JdbcClient jdbc() {
    return jdbc;
  }

  Chunks chunks() {
    return new Chunks(jdbc);
  }

  <D> PostgresDocuments<D> documents(String kind, Class<D> type, Function<D, String> id) {
    return new PostgresDocuments<>(jdbc, kind, type, id);
  }

  /** Total bytes of files, parts and answers. */
  public long size() {
    return jdbc.sql(
            "SELECT (SELECT COALESCE(SUM(bytes), 0) FROM server_content)"
                + " + (SELECT COALESCE(SUM(octet_length(line)), 0) FROM server_answer)")
        .query(Long.class)
        .single();
  }

  /** Runs the work in a transaction. */
  <T> T inTransaction(Supplier<T> work) {
    try {
      return transactions.execute(status -> work.get());
    } catch (TransactionException e) {
      throw new DataAccessResourceFailureException("the database is unavailable", e);
    }
  }

  /** Runs a large write in a transaction; only a few run concurrently. */
  void write(Writing work) throws IOException {
    writers.acquireUninterruptibly();
    try {
      inTransaction(() -> {
        try {
          work.write();
          return true;
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      writers.release();
    }
  }

  /** A large write. */
  interface Writing {
    void write() throws IOException;
  }
}

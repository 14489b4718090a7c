package io.caravan.job;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.lease.Database;
import io.caravan.store.StoreConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A separate database with our tables on a real PostgreSQL server on loopback, installed from the
 * package registry. All tests of a JVM share the server, which stops with the JVM.
 */
public final class PostgresServer implements AutoCloseable {
  private static final AtomicInteger databases = new AtomicInteger();

  private final String name = "caravan_" + databases.incrementAndGet();
  private final HikariDataSource source;

  private PostgresServer() throws IOException {
    administrator().sql("CREATE DATABASE " + name).update();
    source = StoreConfiguration.dataSource(SqliteStore.properties(url()));
    Flyway.configure().dataSource(url(), null, null).load().migrate();
  }

  /**
   * Creates a database; the first one in a JVM also starts the server, which takes a few seconds.
   */
  public static PostgresServer start() throws IOException {
    return new PostgresServer();
  }

  /** The value for {@code CARAVAN_DATABASE_URL}. */
  public String url() {
    return Shared.SERVER.getJdbcUrl("postgres", name);
  }

  Processes processes() {
    return new Processes(source, Database.POSTGRESQL);
  }

  /** Deletes all rows. */
  public Processes emptied() {
    processes()
        .jdbc()
        .sql(
            "TRUNCATE job, part, delivery, replica, reading, cancellation, queue_limit, token_rate, untaken,"
                + " server_document, server_content, server_chunk, server_run, server_answers,"
                + " queue_group, queue_count, queue_request, queue_job, queue_key, queue_callback,"
                + " queue_callback_endpoint, send_now, scheduler, call_budget CASCADE")
        .update();
    return processes();
  }

  /** Drops the database, even if processes have left connections open. */
  @Override
  public void close() {
    source.close();
    administrator().sql("DROP DATABASE " + name + " WITH (FORCE)").update();
  }

  private static JdbcClient administrator() {
    return JdbcClient.create(Shared.SERVER.getPostgresDatabase());
  }

  /** Starts the server on first use. */
  private static final class Shared {
    static final EmbeddedPostgres SERVER = begin();

    private static EmbeddedPostgres begin() {
      try {
        return EmbeddedPostgres.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}

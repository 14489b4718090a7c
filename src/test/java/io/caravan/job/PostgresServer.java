package io.caravan.job;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.store.StoreConfiguration;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A database of its own, with our tables in it, on a real PostgreSQL on loopback that comes from
 * the package registry. All tests of a JVM share the server, which ends with the JVM.
 */
public final class PostgresServer implements AutoCloseable {
  private static final AtomicInteger databases = new AtomicInteger();

  private final String name = "caravan_" + databases.incrementAndGet();
  private final HikariDataSource source;

  private PostgresServer() throws IOException {
    administrator().sql("CREATE DATABASE " + name).update();
    source = StoreConfiguration.dataSource(SqliteStore.properties(url()));
    Flyway.configure().dataSource(source).load().migrate();
  }

  /** Makes a database; the first one of a JVM also starts the server, which takes a few seconds. */
  public static PostgresServer start() throws IOException {
    return new PostgresServer();
  }

  /** What to set {@code CARAVAN_DATABASE_URL} to. */
  public String url() {
    return Shared.SERVER.getJdbcUrl("postgres", name);
  }

  Processes processes() {
    return new Processes(source, Database.POSTGRESQL);
  }

  /** The same without any row. */
  public Processes emptied() {
    processes()
        .jdbc()
        .sql(
            "TRUNCATE job, part, delivery, replica, reading, cancellation, queue_limit, server_document, server_content, server_chunk, server_run, server_answer")
        .update();
    return processes();
  }

  /** Drops the database, also under connections that processes left open. */
  @Override
  public void close() {
    source.close();
    administrator().sql("DROP DATABASE " + name + " WITH (FORCE)").update();
  }

  private static JdbcClient administrator() {
    return JdbcClient.create(Shared.SERVER.getPostgresDatabase());
  }

  /** Started when it is first asked for. */
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

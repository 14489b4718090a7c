package io.caravan.batch;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.flywaydb.core.Flyway;

/** A real PostgreSQL on loopback, from the package registry, with our tables in it. */
public final class PostgresServer implements AutoCloseable {
  private final EmbeddedPostgres postgres;
  private final HikariDataSource source;

  private PostgresServer(EmbeddedPostgres postgres) throws IOException {
    this.postgres = postgres;
    this.source = new StoreConfiguration().dataSource(SqliteStore.properties(url()));
    Flyway.configure().dataSource(source).load().migrate();
  }

  /** Starts it, which takes a second or a few. */
  public static PostgresServer start() throws IOException {
    return new PostgresServer(EmbeddedPostgres.builder().start());
  }

  /** What to set {@code CARAVAN_DATABASE_URL} to. */
  public String url() {
    return postgres.getJdbcUrl("postgres", "postgres");
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

  @Override
  public void close() throws IOException {
    source.close();
    postgres.close();
  }
}

package io.caravan.server;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.StoreProperties;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.server.store.ServerStores;
import io.caravan.store.StoreConfiguration;
import io.caravan.workspace.FolderStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The stores of one process, without a server. */
public record TestStores(ServerStores stores, Replica replica, HikariDataSource source)
    implements AutoCloseable {
  /** Opens the stores of the only process on the folder, on SQLite. */
  public static TestStores in(Path folder, Clock clock) throws IOException {
    return open(sqlite(folder), Database.SQLITE, folder, Duration.ofSeconds(10), clock);
  }

  /** Opens the stores of one of several processes; the bytes are in a folder beside theirs. */
  static TestStores replica(String url, Path folder, Duration lease, Clock clock)
      throws IOException {
    return open(TestServer.pool(url), Database.POSTGRESQL, folder, lease, clock);
  }

  private static TestStores open(
      HikariDataSource source, Database kind, Path folder, Duration lease, Clock clock)
      throws IOException {
    Replica replica = new Replica(JdbcClient.create(source), kind, lease).begin();
    if (kind == Database.SQLITE) {
      replica.forgetOthers();
    }
    var content = new FolderStorage(Files.createDirectories(content(kind, folder)), clock);
    Files.createDirectories(folder);
    return new TestStores(
        ServerStores.open(source, kind, replica, content, folder, lease, clock), replica, source);
  }

  static Path content(Database kind, Path folder) {
    return switch (kind) {
      case SQLITE -> folder.resolve("content");
      case POSTGRESQL -> folder.resolveSibling("content");
    };
  }

  /** Opens or creates the database in a folder. */
  static HikariDataSource sqlite(Path folder) {
    try {
      String url = "jdbc:sqlite:" + folder.resolve("caravan.db");
      HikariDataSource source =
          StoreConfiguration.dataSource(new StoreProperties(url, "", "", Duration.ofSeconds(10)));
      Flyway.configure().dataSource(source).load().migrate();
      return source;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stores.close();
    replica.close();
    source.close();
  }
}

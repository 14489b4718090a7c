package io.caravan.server;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.SqliteStore;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.server.store.FileForm;
import io.caravan.server.store.ServerStores;
import io.caravan.server.store.StoredFile;
import io.caravan.server.wire.IdKind;
import io.caravan.workspace.FolderStorage;
import io.caravan.workspace.WorkspaceStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The stores of one process, without a server. */
public record TestStores(ServerStores stores, Replica replica, HikariDataSource source)
    implements AutoCloseable {
  /** Opens the stores of the only process on the folder, on SQLite. */
  public static TestStores in(Path folder, Clock clock) throws IOException {
    return on(content(Database.SQLITE, folder, clock), folder, clock);
  }

  /** Opens the same with the bytes in a storage. */
  static TestStores on(WorkspaceStorage content, Path folder, Clock clock) throws IOException {
    return open(sqlite(folder), Database.SQLITE, content, folder, Duration.ofSeconds(10), clock);
  }

  /** Opens the stores of one of several processes; the bytes are in a folder beside theirs. */
  public static TestStores replica(String url, Path folder, Duration lease, Clock clock)
      throws IOException {
    Database kind = Database.POSTGRESQL;
    return open(TestServer.pool(url), kind, content(kind, folder, clock), folder, lease, clock);
  }

  private static TestStores open(
      HikariDataSource source,
      Database kind,
      WorkspaceStorage content,
      Path folder,
      Duration lease,
      Clock clock)
      throws IOException {
    Replica replica = new Replica(JdbcClient.create(source), kind, lease).begin();
    if (kind == Database.SQLITE) {
      replica.forgetOthers();
    }
    Files.createDirectories(folder);
    return new TestStores(
        ServerStores.open(source, kind, replica, content, folder, lease, clock), replica, source);
  }

  /** Adds a file of alice's with the purpose batch. */
  public static StoredFile file(ServerStores stores, String content) throws IOException {
    return stores
        .files()
        .add(
            IdKind.FILE.next(),
            "alice",
            "a.jsonl",
            FileForm.BATCH,
            null,
            target -> Files.writeString(target, content));
  }

  static WorkspaceStorage content(Database kind, Path folder, Clock clock) throws IOException {
    Path content =
        switch (kind) {
          case SQLITE -> folder.resolve("content");
          case POSTGRESQL -> folder.resolveSibling("content");
        };
    return new FolderStorage(Files.createDirectories(content), clock);
  }

  /** Opens or creates the database in a folder. */
  static HikariDataSource sqlite(Path folder) {
    try {
      return SqliteStore.migrated(folder.resolve("caravan.db"));
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

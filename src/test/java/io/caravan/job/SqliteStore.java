package io.caravan.job;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.store.StoreConfiguration;
import io.caravan.workspace.DataFolder;
import io.caravan.workspace.FolderStorage;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A store in a file, set up as the application does it. */
public final class SqliteStore implements AutoCloseable {
  private final DataFolder folder;
  private final HikariDataSource source;

  private SqliteStore(DataFolder folder, HikariDataSource source) {
    this.folder = folder;
    this.source = source;
  }

  /** Opens or makes the database in that folder. */
  public static SqliteStore in(Path folder) {
    try {
      DataFolder data = DataFolder.open(folder);
      HikariDataSource source =
          StoreConfiguration.dataSource(properties("jdbc:sqlite:" + folder.resolve("caravan.db")));
      Flyway.configure().dataSource(source).load().migrate();
      return new SqliteStore(data, source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A store over it; each is one process as far as claims go. */
  public BatchStore store() {
    return processes().store();
  }

  /** The same rows as several processes see them. */
  public Processes processes() {
    return new Processes(source, Database.SQLITE);
  }

  /** Whether its file is there. */
  public StorePresence presence() {
    return new StorePresence(folder.path().resolve("caravan.db"));
  }

  /** The folder of store and workspace. */
  public DataFolder folder() {
    return folder;
  }

  /** The same folder as one of several replicas has it. */
  public DataFolder shared() {
    return DataFolder.share(folder.path());
  }

  static StoreProperties properties(String url) {
    return new StoreProperties(url, "", "", Duration.ofSeconds(3));
  }

  /** The workspace beside it. */
  public Workspace workspace() throws IOException {
    Path root = Files.createDirectories(folder.path().resolve("workspace"));
    return new Workspace(new FolderStorage(root, Clock.systemUTC()), processes().replica());
  }

  JdbcClient jdbc() {
    return processes().jdbc();
  }

  @Override
  public void close() {
    source.close();
    try {
      folder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.caravan.job;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.disk.PrivateFolder;
import io.caravan.lease.Database;
import io.caravan.store.StoreConfiguration;
import io.caravan.store.StorePresence;
import io.caravan.store.StoreProperties;
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
import org.springframework.util.FileSystemUtils;

/** A store in a file, configured like in the application. */
public final class SqliteStore implements AutoCloseable {
  private final DataFolder folder;
  private final HikariDataSource source;

  private SqliteStore(DataFolder folder, HikariDataSource source) {
    this.folder = folder;
    this.source = source;
  }

  /** Opens or creates the database in a folder. */
  public static SqliteStore in(Path folder) {
    try {
      DataFolder data = DataFolder.open(folder);
      return new SqliteStore(data, migrated(folder.resolve("caravan.db")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens a database; a new one is a copy, since migrations take longer than most tests. */
  public static HikariDataSource migrated(Path file) throws IOException {
    boolean isNew = !Files.exists(file);
    copyTo(file);
    HikariDataSource source = StoreConfiguration.dataSource(properties("jdbc:sqlite:" + file));
    if (!isNew) {
      Flyway.configure().dataSource(source).load().migrate();
    }
    return source;
  }

  /** Writes a database with empty tables, unless the file exists. */
  public static void copyTo(Path file) throws IOException {
    if (!Files.exists(file)) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      PrivateFolder.createFile(file);
      Files.write(file, Empty.TABLES);
    }
  }

  /** Made when it is first needed. */
  private static final class Empty {
    static final byte[] TABLES = tables();

    private static byte[] tables() {
      try {
        Path folder = Files.createTempDirectory("caravan-tables-");
        Path file = folder.resolve("caravan.db");
        try (HikariDataSource source =
            StoreConfiguration.dataSource(properties("jdbc:sqlite:" + file))) {
          Flyway.configure().dataSource(source).load().migrate();
        }
        byte[] tables = Files.readAllBytes(file);
        FileSystemUtils.deleteRecursively(folder);
        return tables;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A new store on the database; each counts as a separate process for claims. */
  public Store store() {
    return processes().store();
  }

  /** The database as used by several processes. */
  public Processes processes() {
    return new Processes(source, Database.SQLITE);
  }

  /** Checks that the file exists. */
  public StorePresence presence() {
    return new StorePresence(folder.path().resolve("caravan.db"));
  }

  /** The data folder, with its lock. */
  public DataFolder folder() {
    return folder;
  }

  /** The data folder, shared by several replicas. */
  public DataFolder shared() {
    return DataFolder.share(folder.path());
  }

  public static StoreProperties properties(String url) {
    return new StoreProperties(url, "", "", Duration.ofSeconds(3));
  }

  /** The workspace in the same folder. */
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

package io.caravan.batch;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A store in a file, set up as the application does it. */
public final class SqliteStore implements AutoCloseable {
  private static final StoreConfiguration APPLICATION = new StoreConfiguration();

  private final DataFolder folder;
  private final HikariDataSource source;

  private SqliteStore(DataFolder folder, HikariDataSource source) {
    this.folder = folder;
    this.source = source;
  }

  /** Opens or makes the database in that folder. */
  public static SqliteStore in(Path folder) {
    try {
      DataFolder data = APPLICATION.dataFolder(folder);
      var properties = new StoreProperties("jdbc:sqlite:" + folder.resolve("caravan.db"));
      HikariDataSource source = APPLICATION.dataSource(properties, data);
      Flyway.configure().dataSource(source).load().migrate();
      return new SqliteStore(data, source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A store over it; each is one process as far as claims go. */
  public BatchStore store() {
    return new JdbcBatchStore(jdbc(), new TransactionTemplate(new JdbcTransactionManager(source)));
  }

  /** The workspace beside it. */
  public Workspace workspace() throws IOException {
    return APPLICATION.workspace(folder);
  }

  JdbcClient jdbc() {
    return JdbcClient.create(source);
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

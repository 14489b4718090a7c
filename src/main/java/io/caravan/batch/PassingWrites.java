package io.caravan.batch;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Connections for writes that do no harm when a power cut takes them back. */
final class PassingWrites implements AutoCloseable {
  private static final int POOL = 2;

  private final JdbcClient jdbc;
  private final @Nullable HikariDataSource own;

  private PassingWrites(JdbcClient jdbc, @Nullable HikariDataSource own) {
    this.jdbc = jdbc;
    this.own = own;
  }

  /** Connections of their own to the same SQLite file that do not wait for the disk. */
  static PassingWrites unsynced(HikariDataSource source) {
    var settings = new Properties();
    settings.putAll(source.getDataSourceProperties());
    settings.setProperty("synchronous", "NORMAL");
    var config = new HikariConfig();
    config.setPoolName("passing");
    config.setJdbcUrl(source.getJdbcUrl());
    config.setMaximumPoolSize(POOL);
    config.setDataSourceProperties(settings);
    config.setInitializationFailTimeout(-1); // connects when it is used, after the tables are made
    var own = new HikariDataSource(config);
    return new PassingWrites(JdbcClient.create(own), own);
  }

  /** The connections that there are. */
  static PassingWrites through(HikariDataSource source) {
    return new PassingWrites(JdbcClient.create(source), null);
  }

  JdbcClient jdbc() {
    return jdbc;
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }
}

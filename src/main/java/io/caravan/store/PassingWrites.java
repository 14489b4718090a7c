package io.caravan.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.WaitingBatches;
import io.caravan.lease.Database;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Database connections for writes that a power failure may lose without harm. */
public final class PassingWrites implements AutoCloseable {
  private static final int POOL = 2;

  private final HikariDataSource source;
  private final @Nullable HikariDataSource own;

  private PassingWrites(HikariDataSource source, @Nullable HikariDataSource own) {
    this.source = source;
    this.own = own;
  }

  /** Opens separate connections to the same SQLite file that do not wait for the disk sync. */
  public static PassingWrites unsynced(HikariDataSource source) {
    var settings = new Properties();
    settings.putAll(source.getDataSourceProperties());
    settings.setProperty("synchronous", "NORMAL");
    var config = new HikariConfig();
    config.setPoolName("passing");
    config.setDriverClassName(source.getDriverClassName());
    config.setJdbcUrl(source.getJdbcUrl());
    config.setMaximumPoolSize(POOL);
    config.setDataSourceProperties(settings);
    config.setInitializationFailTimeout(-1); // connects on first use, after the tables are created
    var own = new HikariDataSource(config);
    return new PassingWrites(own, own);
  }

  /** Uses the existing connection pool. */
  public static PassingWrites through(HikariDataSource source) {
    return new PassingWrites(source, null);
  }

  public JdbcClient jdbc() {
    return JdbcClient.create(source);
  }

  /**
   * Access to batches in flight; it writes only data that can be polled from the provider again.
   */
  public WaitingBatches waitingBatches(Database database) {
    return new WaitingBatches(
        new NamedParameterJdbcTemplate(source),
        new TransactionTemplate(new JdbcTransactionManager(source)),
        database);
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
    }
  }
}

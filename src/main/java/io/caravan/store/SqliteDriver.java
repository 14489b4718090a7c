package io.caravan.store;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.jdbc4.JDBC4Connection;

/**
 * SQLite's driver, with transactions that take the write lock when they begin. The driver's own
 * {@code transaction_mode=IMMEDIATE} takes the lock again after each commit: if another connection
 * is faster, a commit that is on disk is reported as failed. And after a begin that fails, its
 * connection runs the statements of later transactions one by one.
 */
public final class SqliteDriver extends JDBC {
  private static final SqliteDriver REGISTERED = new SqliteDriver();

  /** The name by which connection pools find it. */
  static String name() {
    try {
      DriverManager.registerDriver(REGISTERED); // only once
    } catch (SQLException e) {
      throw new IllegalStateException("the driver of SQLite cannot be registered", e);
    }
    return SqliteDriver.class.getName();
  }

  @Override
  public @Nullable Connection connect(String url, Properties settings) throws SQLException {
    return acceptsURL(url)
        ? new WritingConnection(url, url.substring(PREFIX.length()), settings)
        : null;
  }

  private static final class WritingConnection extends JDBC4Connection {
    WritingConnection(String url, String file, Properties settings) throws SQLException {
      super(url, file, settings);
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
      boolean before = getAutoCommit();
      super.setAutoCommit(autoCommit);
      if (before && !autoCommit) {
        takeWriteLock();
      }
    }

    /** Replaces the driver's transaction, which has no lock yet. */
    private void takeWriteLock() throws SQLException {
      getDatabase().exec("commit;", false);
      try {
        getDatabase().exec("begin immediate;", false);
      } catch (SQLException e) {
        getDatabase().exec("begin;", false); // ended by the next line
        super.setAutoCommit(true);
        throw e;
      }
    }
  }
}

package io.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.SqliteStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Transactions while another connection holds the write lock of the file. */
class SqliteDriverTest {
  @TempDir Path folder;
  private HikariDataSource source;
  private Connection other;

  @BeforeEach
  void open() throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("test.db");
    source = StoreConfiguration.dataSource(SqliteStore.properties(url));
    source.setMaximumPoolSize(1);
    source.addDataSourceProperty("busy_timeout", "50");
    JdbcClient.create(source).sql("CREATE TABLE line (text TEXT)").update();
    other = DriverManager.getConnection(url + "?busy_timeout=0");
  }

  @AfterEach
  void close() throws SQLException {
    other.close();
    source.close();
  }

  @Test
  void freesTheWriteLockWithTheCommit() throws Exception {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      execute(connection, "INSERT INTO line VALUES ('a')");
      connection.commit(); // it would fail after the commit if it had to wait for a lock, too

      execute(other, "BEGIN IMMEDIATE");
      execute(other, "ROLLBACK");
      connection.setAutoCommit(true);
    }
    assertThat(lines()).isOne();
  }

  @Test
  void takesTheWriteLockWhenATransactionBegins() throws Exception {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);

      assertThatThrownBy(() -> execute(other, "BEGIN IMMEDIATE")).hasMessageContaining("BUSY");

      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  @Test
  void keepsTransactionsWholeAfterOneThatCouldNotBegin() throws Exception {
    var transactions = new TransactionTemplate(new JdbcTransactionManager(source));
    execute(other, "BEGIN IMMEDIATE");
    assertThatThrownBy(() -> transactions.execute(tx -> lines()))
        .isInstanceOf(CannotCreateTransactionException.class);
    execute(other, "ROLLBACK");

    assertThatThrownBy(() ->
            transactions.execute(tx -> {
              insert();
              throw new IllegalStateException("in the middle");
            }))
        .hasMessage("in the middle");

    assertThat(lines()).isZero();
    transactions.execute(tx -> insert());
    assertThat(lines()).isOne();
  }

  private int insert() {
    return JdbcClient.create(source).sql("INSERT INTO line VALUES ('a')").update();
  }

  private long lines() {
    return JdbcClient.create(source).sql("SELECT COUNT(*) FROM line").query(Long.class).single();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

package io.caravan.batch;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Opens the data folder for this process alone, and the store in it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(StoreProperties.class)
class StoreConfiguration {
  /** A commit is on disk when it returns; writers queue instead of failing. */
  private static final Map<String, String> SQLITE =
      Map.of(
          "journal_mode", "WAL",
          "synchronous", "FULL",
          "busy_timeout", "10000",
          "transaction_mode", "IMMEDIATE",
          "foreign_keys", "true");

  @Bean
  DataFolder dataFolder(@Value("${caravan.data}") Path data) {
    return DataFolder.open(data);
  }

  @Bean
  Workspace workspace(DataFolder data) throws IOException {
    return new Workspace(Files.createDirectories(data.path().resolve("workspace")));
  }

  @Bean
  HikariDataSource dataSource(StoreProperties properties, DataFolder data) throws IOException {
    var source = new HikariDataSource();
    source.setPoolName("store");
    source.setJdbcUrl(properties.url());
    source.setMaximumPoolSize(4);
    if (properties.url().startsWith("jdbc:sqlite:")) {
      Path file = Path.of(properties.url().substring("jdbc:sqlite:".length()).split("\\?", 2)[0]);
      Files.createDirectories(file.toAbsolutePath().getParent());
      SQLITE.forEach(source::addDataSourceProperty);
    }
    return source;
  }

  @Bean
  @DependsOnDatabaseInitialization
  BatchStore batchStore(JdbcClient jdbc, TransactionTemplate transactions) {
    var store = new JdbcBatchStore(jdbc, transactions);
    store.releaseAll(); // the data folder is ours alone: whoever held a row is gone
    return store;
  }
}

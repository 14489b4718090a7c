package io.caravan.store;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.disk.DiskReserve;
import io.caravan.disk.PrivateFolder;
import io.caravan.job.Cancellations;
import io.caravan.job.CannotStartException;
import io.caravan.job.Claims;
import io.caravan.job.Deliveries;
import io.caravan.job.JobOverview;
import io.caravan.job.JobStore;
import io.caravan.job.Store;
import io.caravan.job.StoreId;
import io.caravan.job.WaitingBatches;
import io.caravan.job.send.CallBudgets;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.LateParts;
import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.Scheduler;
import io.caravan.job.send.SendOrder;
import io.caravan.job.send.TokenRates;
import io.caravan.job.source.JdbcUntakenFiles;
import io.caravan.job.source.SourceLocks;
import io.caravan.job.source.UntakenFiles;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.workspace.DataFolder;
import io.caravan.workspace.FurtherStorage;
import io.caravan.workspace.Workspace;
import io.caravan.workspace.WorkspaceAccess;
import io.caravan.workspace.WorkspaceProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Spring configuration of the data folder, the workspace and the store: SQLite for one process,
 * PostgreSQL for several.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({StoreProperties.class, WorkspaceProperties.class})
public class StoreConfiguration {
  /** A commit returns when it is on disk; writers wait instead of failing. */
  private static final Map<String, String> SQLITE =
      Map.of(
          "journal_mode", "WAL",
          "synchronous", "FULL",
          "busy_timeout", "10000",
          "foreign_keys", "true");

  private static final int POOL = 8;

  /**
   * Shorter than a lease: a replica must notice that the database is unreachable before others take
   * over.
   */
  private static final Duration POSTGRESQL_TIMEOUT = Duration.ofSeconds(8);

  @Bean
  DataFolder dataFolder(@Value("${caravan.data}") Path data, StoreProperties properties) {
    return switch (properties.database()) {
      case SQLITE -> DataFolder.open(data);
      case POSTGRESQL -> DataFolder.share(data);
    };
  }

  @Bean
  Workspace workspace(
      DataFolder data,
      WorkspaceProperties properties,
      ObjectProvider<S3Client> s3,
      Replica replica,
      Clock clock)
      throws IOException {
    DiskReserve.keep(properties.reserve().toBytes());
    return new Workspace(
        new WorkspaceAccess(properties, data.path(), clock).started(() -> client(s3)), replica);
  }

  /** Depends on the workspace, which checks the settings that both share. */
  @Bean
  @DependsOn("workspace")
  FurtherStorage furtherStorage(
      DataFolder data, WorkspaceProperties properties, ObjectProvider<S3Client> s3, Clock clock) {
    var access = new WorkspaceAccess(properties, data.path(), clock);
    return (name, folder) -> access.further(name, folder, () -> client(s3));
  }

  /** Creates the client; unwraps the SDK's exception from Spring's. */
  private static S3Client client(ObjectProvider<S3Client> s3) {
    try {
      return s3.getObject();
    } catch (BeanCreationException e) {
      throw e.getRootCause() instanceof SdkClientException cause ? cause : e;
    }
  }

  /** Depends on the folder: until it is locked, another process may be using the store. */
  @Bean
  public HikariDataSource dataSource(StoreProperties properties, DataFolder data)
      throws IOException {
    return dataSource(properties);
  }

  /** Opens the store without locking the data folder. */
  public static HikariDataSource dataSource(StoreProperties properties) throws IOException {
    var source = new HikariDataSource();
    source.setPoolName("store");
    source.setJdbcUrl(properties.url());
    source.setMaximumPoolSize(POOL);
    switch (properties.database()) {
      case SQLITE -> {
        Path file = properties.file().orElseThrow();
        Files.createDirectories(file.toAbsolutePath().getParent());
        PrivateFolder.createFile(file);
        source.setDriverClassName(SqliteDriver.name());
        SQLITE.forEach(source::addDataSourceProperty);
      }
      case POSTGRESQL -> {
        if (!properties.username().isBlank()) {
          source.setUsername(properties.username());
        }
        if (!properties.password().isBlank()) {
          source.setPassword(properties.password());
        }
        source.setConnectionTimeout(POSTGRESQL_TIMEOUT.toMillis());
        source.addDataSourceProperty("socketTimeout", POSTGRESQL_TIMEOUT.toSeconds());
        source.addDataSourceProperty("tcpKeepAlive", "true");
        // a replica frozen in a transaction loses its locks no later than its lease
        source.setConnectionInitSql(
            "SET idle_in_transaction_session_timeout = " + properties.lease().toMillis());
      }
    }
    return source;
  }

  @Bean
  PassingWrites passingWrites(HikariDataSource source, Database database) {
    return switch (database) {
      case SQLITE -> PassingWrites.unsynced(source);
      case POSTGRESQL -> PassingWrites.through(source); // PostgreSQL syncs several commits at once
    };
  }

  @Bean
  Database database(StoreProperties properties) {
    return properties.database();
  }

  @Bean
  @DependsOnDatabaseInitialization
  Replica replica(JdbcClient jdbc, Database database, StoreProperties properties) {
    Replica replica = new Replica(jdbc, database, properties.lease()).start();
    if (database == Database.SQLITE) {
      replica.forgetOthers(); // the data folder is locked, so all earlier replicas are gone
    }
    return replica;
  }

  @Bean
  Store store(
      JdbcClient jdbc,
      PassingWrites passing,
      TransactionTemplate transactions,
      Database database,
      Replica replica) {
    return Store.on(jdbc, passing.jdbc(), transactions, database, replica);
  }

  @Bean
  JobStore jobStore(Store store) {
    return store.jobs();
  }

  @Bean
  Claims claims(Store store) {
    return store.claims();
  }

  @Bean
  Deliveries deliveries(Store store) {
    return store.deliveries();
  }

  @Bean
  JobOverview jobOverview(Store store) {
    return store.overview();
  }

  @Bean
  @DependsOnDatabaseInitialization
  WaitingBatches waitingBatches(PassingWrites passing, Database database) {
    return passing.waitingBatches(database);
  }

  @Bean
  @DependsOnDatabaseInitialization
  StoreId storeId(
      JdbcClient jdbc,
      TransactionTemplate transactions,
      DataFolder data,
      StoreProperties properties,
      Clock clock)
      throws IOException {
    StoreId id = StoreId.of(jdbc);
    data.belongTo(id, properties.toString());
    new StorePlace(jdbc, transactions).arrive(properties.file().orElse(null), clock.instant());
    return id;
  }

  @Bean
  StorePresence storePresence(StoreProperties properties) {
    return new StorePresence(properties.file().orElse(null));
  }

  /** Migrates the tables; refuses those of a newer version. */
  @Bean
  FlywayMigrationStrategy migration(StoreProperties properties) {
    return flyway -> {
      if (Arrays.stream(flyway.info().applied())
          .anyMatch(table -> !table.getState().isResolved())) {
        throw new CannotStartException(
            "The store was created by a newer version of Caravan.",
            "Start that version or a newer one, or restore a backup from before the upgrade.");
      }
      switch (properties.database()) {
        case SQLITE -> flyway.migrate();
        case POSTGRESQL -> patient(flyway, properties).migrate();
      }
    };
  }

  /** With a connection that has no time limit, since a change of a large table takes long. */
  private static Flyway patient(Flyway flyway, StoreProperties properties) {
    return Flyway.configure()
        .configuration(flyway.getConfiguration())
        .dataSource(
            properties.url(),
            properties.username().isBlank() ? null : properties.username(),
            properties.password().isBlank() ? null : properties.password())
        .load();
  }

  @Bean
  SourceLocks sourceLocks(JdbcClient jdbc, Database database, Replica replica) {
    return new SourceLocks(jdbc, database, replica);
  }

  @Bean
  @DependsOnDatabaseInitialization
  Cancellations cancellations(JdbcClient jdbc) {
    return new Cancellations(jdbc);
  }

  @Bean
  @DependsOnDatabaseInitialization
  Scheduler scheduler(JdbcClient jdbc) {
    return new Scheduler(jdbc);
  }

  @Bean
  @DependsOnDatabaseInitialization
  UntakenFiles untakenFiles(JdbcClient jdbc) {
    return new JdbcUntakenFiles(jdbc);
  }

  @Bean
  @DependsOnDatabaseInitialization
  QueueLimits queueLimits(JdbcClient jdbc, TransactionTemplate transactions) {
    return new QueueLimits(jdbc, transactions);
  }

  @Bean
  @DependsOnDatabaseInitialization
  CallBudgets callBudgets(JdbcClient jdbc, TransactionTemplate transactions) {
    return new CallBudgets(jdbc, transactions);
  }

  @Bean
  @DependsOnDatabaseInitialization
  LateParts lateParts(JdbcClient jdbc, Database database) {
    return new LateParts(jdbc, database);
  }

  @Bean
  @DependsOnDatabaseInitialization
  Forecasts forecasts(JdbcClient jdbc, Environment settings) {
    return forecasts(settings, jdbc);
  }

  static Forecasts forecasts(Environment settings, JdbcClient jdbc) {
    Binder late = Binder.get(settings);
    return new Forecasts(
        jdbc,
        late.bind("caravan.late.turnaround", Duration.class).get(),
        late.bind("caravan.late.risk-buffer", Duration.class).get());
  }

  @Bean
  @DependsOnDatabaseInitialization
  SendOrder sendOrder(JdbcClient jdbc) {
    return new SendOrder(jdbc);
  }

  @Bean
  @DependsOnDatabaseInitialization
  TokenRates tokenRates(JdbcClient jdbc) {
    return new TokenRates(jdbc);
  }
}

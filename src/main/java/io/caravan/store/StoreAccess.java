package io.caravan.store;

import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.Cancellations;
import io.caravan.job.CannotStartException;
import io.caravan.job.Store;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.Scheduler;
import io.caravan.job.source.JdbcUntakenFiles;
import io.caravan.job.source.UntakenFiles;
import io.caravan.lease.Replica;
import io.caravan.s3.S3Access;
import io.caravan.workspace.Workspace;
import io.caravan.workspace.WorkspaceAccess;
import io.caravan.workspace.WorkspaceProperties;
import io.caravan.workspace.WorkspaceStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfoService;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.function.SingletonSupplier;

/**
 * Access to the store for operator commands, with or without a running service: it does not lock
 * the data folder, is not a replica, claims no rows and does not migrate tables.
 */
public final class StoreAccess implements AutoCloseable {
  private static final int POOL = 3;

  private final HikariDataSource source;
  private final Store store;
  private final Cancellations cancellations;
  private final Scheduler scheduler;
  private final Forecasts forecasts;
  private final UntakenFiles untaken;
  private final Replica replica;
  private final Workspace workspace;

  private StoreAccess(
      StoreProperties properties,
      HikariDataSource source,
      WorkspaceStorage storage,
      Environment settings) {
    this.source = source;
    var jdbc = JdbcClient.create(source);
    var database = properties.database();
    this.replica = new Replica(jdbc, database, properties.lease()); // never started
    this.store =
        Store.on(
            jdbc,
            jdbc,
            new TransactionTemplate(new JdbcTransactionManager(source)),
            database,
            replica);
    this.cancellations = new Cancellations(jdbc);
    this.scheduler = new Scheduler(jdbc);
    this.forecasts = StoreConfiguration.forecasts(settings, jdbc);
    this.untaken = new JdbcUntakenFiles(jdbc);
    this.workspace = new Workspace(storage, replica);
  }

  /**
   * Opens the configured store; empty if it does not exist yet.
   *
   * @throws CannotStartException when its tables belong to another version of Caravan
   */
  public static Optional<StoreAccess> open(Environment settings) throws IOException {
    StoreProperties properties =
        Binder.get(settings).bind("caravan.database", StoreProperties.class).get();
    if (properties.file().filter(file -> !Files.exists(file)).isPresent()) {
      return Optional.empty();
    }
    HikariDataSource source = StoreConfiguration.dataSource(properties);
    source.setMaximumPoolSize(POOL);
    source.setMinimumIdle(0);
    try {
      if (!hasTables(source, properties)) {
        source.close();
        return Optional.empty();
      }
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
    return Optional.of(new StoreAccess(properties, source, storage(settings), settings));
  }

  private static WorkspaceStorage storage(Environment settings) {
    return new WorkspaceAccess(
            Binder.get(settings).bind("caravan.workspace", WorkspaceProperties.class).get(),
            Path.of(settings.getRequiredProperty("caravan.data")),
            Clock.systemUTC())
        .storage(SingletonSupplier.of(() -> S3Access.client(settings)));
  }

  private static boolean hasTables(HikariDataSource source, StoreProperties properties) {
    try (Connection connection = source.getConnection()) {
      connection.getMetaData();
    } catch (SQLException e) {
      throw new CannotStartException(
          "The store %s cannot be opened: %s.".formatted(properties, e.getMessage()),
          "Make it readable and writable for this user, or start its database.");
    }
    MigrationInfoService tables = Flyway.configure().dataSource(source).load().info();
    if (tables.current() == null) {
      return false;
    }
    if (tables.pending().length > 0
        || Arrays.stream(tables.applied()).anyMatch(table -> !table.getState().isResolved())) {
      throw new CannotStartException(
          "The store's tables belong to another version of Caravan.",
          "Use the launcher of the running version, or start this version once.");
    }
    return true;
  }

  /** The store of jobs and parts. */
  public Store store() {
    return store;
  }

  /** Requests to cancel jobs. */
  public Cancellations cancellations() {
    return cancellations;
  }

  /** Whether scheduled jobs are sent. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** When jobs will have their answers. */
  public Forecasts forecasts() {
    return forecasts;
  }

  /** The files that inboxes did not accept. */
  public UntakenFiles untaken() {
    return untaken;
  }

  /** Lists running replicas; it is not one of them. */
  public Replica replica() {
    return replica;
  }

  /** The job files. */
  public Workspace workspace() {
    return workspace;
  }

  @Override
  public void close() throws IOException {
    source.close();
    workspace.close();
  }
}

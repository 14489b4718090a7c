package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Runs the store contracts on PostgreSQL. */
class PostgresStoreTest {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Nested
  class KeepsRows extends JobStoreContract {
    @Override
    Processes open() {
      return server.emptied();
    }

    /**
     * Reopens the database: committed data is on the server, so a kill of the process loses
     * nothing.
     */
    @Override
    Processes afterKill() {
      return server.processes();
    }
  }

  @Nested
  class TakesFilesIn extends ArrivalContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }

  @Nested
  class HandsRowsOut extends ClaimContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }

  @Nested
  class KnowsWhatWaits extends WaitingContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }

  @Nested
  class OrdersWhatIsSent extends SendOrderContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }

  @Nested
  class ObeysOperators extends OperatorStoreContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }

  /** The replica is frozen inside a transaction; its row lock would block all others forever. */
  @Test
  void releasesLocksOfFrozenReplica() throws Exception {
    Processes processes = server.emptied();
    Store store = processes.store();
    store.jobs().accept(Rows.job("a"), false);
    try (Connection frozen = processes.source().getConnection()) {
      frozen.setAutoCommit(false);
      frozen.createStatement().executeUpdate("UPDATE job SET due_at = 0 WHERE id = 'a'");
      assertThat(store.claims().claimJobs(Rows.NOON, 1)).as("locked").isEmpty();

      await().until(() -> !store.claims().claimJobs(Rows.NOON, 1).isEmpty());
      assertThatThrownBy(frozen::commit).isInstanceOf(SQLException.class);
    }
  }

  @Nested
  class KnowsReplicas extends ReplicaContract {
    @Override
    Processes open() {
      return server.emptied();
    }
  }
}

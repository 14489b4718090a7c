package io.caravan.batch;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** The contracts of the store on PostgreSQL. */
class PostgresBatchStoreTest {
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
  class KeepsRows extends BatchStoreContract {
    @Override
    Processes open() {
      return server.emptied();
    }

    /** What a process has committed lies with the server, whatever becomes of the process. */
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
  class ObeysOperators extends OperatorStoreContract {
    @Override
    Processes open() {
      return server.emptied();
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

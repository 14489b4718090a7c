package io.caravan.queue.store;

import io.caravan.job.PostgresServer;
import io.caravan.job.Processes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Runs the contract on PostgreSQL. */
class PostgresCallbackStoreTest extends CallbackStoreContract {
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Override
  Processes open() {
    return server.emptied();
  }
}

package io.caravan.queue.store;

import io.caravan.job.PostgresServer;
import io.caravan.job.Processes;
import io.caravan.job.SqliteStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract of callbacks on both databases. */
class CallbackStoreTest {
  @Nested
  class OnSqlite extends CallbackStoreContract {
    @TempDir private Path folder;
    private SqliteStore store;

    @Override
    Processes open() {
      store = SqliteStore.in(folder);
      return store.processes();
    }

    @AfterEach
    void close() {
      store.close();
    }
  }

  @Nested
  class OnPostgres extends CallbackStoreContract {
    private static PostgresServer server;

    @BeforeAll
    static void start() throws IOException {
      server = PostgresServer.start();
    }

    @AfterAll
    static void stop() {
      server.close();
    }

    @Override
    Processes open() {
      return server.emptied();
    }
  }
}

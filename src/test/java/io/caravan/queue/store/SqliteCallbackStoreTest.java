package io.caravan.queue.store;

import io.caravan.job.Processes;
import io.caravan.job.SqliteStore;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract on SQLite. */
class SqliteCallbackStoreTest extends CallbackStoreContract {
  @TempDir private Path folder;
  private @Nullable SqliteStore opened;

  @Override
  Processes open() {
    opened = SqliteStore.in(folder);
    return opened.processes();
  }

  @AfterEach
  void close() {
    if (opened != null) {
      opened.close();
    }
  }
}

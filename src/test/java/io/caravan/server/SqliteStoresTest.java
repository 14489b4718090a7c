package io.caravan.server;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The stores of one server, on SQLite. */
class SqliteStoresTest extends ServerStoresContract {
  @TempDir private Path folder;

  @Override
  TestStores open() throws IOException {
    return TestStores.in(folder, clock);
  }
}

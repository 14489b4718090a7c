package io.caravan.server;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The stores in a folder. */
class FolderStoresTest extends ServerStoresContract {
  @TempDir private Path folder;

  @Override
  ServerStores open() throws IOException {
    return ServerStores.inFolder(folder, clock);
  }
}

package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.s3.S3Server;
import io.caravan.server.store.StoredFile;
import io.caravan.workspace.WorkspaceAccess;
import io.caravan.workspace.WorkspaceProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** The stores of one server, with their bytes in S3. */
class S3StoresTest extends ServerStoresContract {
  @TempDir private Path folder;
  @TempDir private static Path objects;
  private static S3Server server;

  @BeforeAll
  static void startS3() throws IOException {
    server = S3Server.start(objects).with("bucket");
  }

  @AfterAll
  static void stopS3() throws IOException {
    server.close();
  }

  @Override
  TestStores open() throws IOException {
    return TestStores.on(
        access().further("server", folder, server::client), folder.resolve("own"), clock);
  }

  @Test
  void openWhileS3IsUnavailable() throws Exception {
    try (var down = S3Server.start(folder.resolve("down"));
        var client = down.client()) {
      down.stop();
      try (var reopened =
          TestStores.on(
              access().further("server", folder, () -> client), folder.resolve("other"), clock)) {
        assertThat(reopened.stores().files()).isNotNull();
      }
    }
  }

  private WorkspaceAccess access() {
    return new WorkspaceAccess(
        new WorkspaceProperties("s3://bucket/caravan", DataSize.ofGigabytes(1), Duration.ZERO),
        folder,
        clock);
  }

  @Test
  void keepsItsObjectsApartFromThoseOfJobs() throws Exception {
    StoredFile file = add("alice", "batch", new byte[] {1});

    assertThat(server.keys("bucket", "caravan/"))
        .isNotEmpty()
        .allMatch(key -> key.startsWith("caravan/.server/" + file.id()));
    assertThat(access().storage(server::client).jobIds()).isEmpty();
  }
}

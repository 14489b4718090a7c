package io.caravan.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.TestClock;
import io.caravan.server.TestStores;
import io.caravan.server.run.Publication;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  @TempDir private Path directory;

  @Test
  void resultFilesBelongToTheOwnerOfTheirBatch() throws Exception {
    try (TestStores opened = TestStores.in(directory, clock)) {
      StoredFiles files = opened.stores().files();
      Batches batches = opened.stores().batches();
      Lease lease = batches.create("alice", form("file-1"));
      lease.open();
      Files.writeString(lease.folder().output(), "{}\n");

      new Publication(files, Duration.ofDays(1)).publish(lease.batch(), lease.folder());

      assertThat(files.list(Listing.newestFirst("alice", null, 10)).data())
          .extracting(StoredFile::owner)
          .containsExactly("alice");
    }
  }

  @Test
  void batchesCannotUseFilesOfOtherOwners() throws Exception {
    try (TestStores opened = TestStores.in(directory, clock)) {
      StoredFiles files = opened.stores().files();
      Batches batches = opened.stores().batches();
      StoredFile file = add(files, "alice");

      Lease bobs = batches.create("bob", form(file.id()));
      Lease own = batches.create("alice", form(file.id()));
      bobs.open();
      own.open();

      assertThat(bobs.folder().input()).doesNotExist();
      assertThat(own.folder().input()).exists();
    }
  }

  @Test
  void ownersSurviveARestart() throws Exception {
    try (TestStores opened = TestStores.in(directory, clock)) {
      add(opened.stores().files(), "alice");
      opened.stores().batches().create("bob", form("file-1"));
    }

    try (TestStores opened = TestStores.in(directory, clock)) {
      assertThat(opened.stores().files().list(Listing.newestFirst("alice", null, 10)).data())
          .extracting(StoredFile::owner)
          .containsExactly("alice");
      assertThat(opened.stores().batches().list(Listing.newestFirst("bob", null, 10)).data())
          .extracting(batch -> batch.order().owner())
          .containsExactly("bob");
    }
  }

  @Test
  void documentsStoredBeforeOwnersExistedHaveNone() throws Exception {
    var file =
        Json.MAPPER.readValue(
            "{\"id\":\"file-1\",\"createdAt\":\"2026-01-01T00:00:00Z\"}", StoredFile.class);
    var upload = Json.MAPPER.readValue("{\"id\":\"upload_1\"}", Upload.class);
    var order = Json.MAPPER.readValue("{\"id\":\"batch_1\"}", StoredBatch.Order.class);

    assertThat(file.owner()).isEqualTo(Owner.NONE);
    assertThat(upload.owner()).isEqualTo(Owner.NONE);
    assertThat(order.owner()).isEqualTo(Owner.NONE);
  }

  private static BatchForm form(String file) {
    return new BatchForm(Endpoint.EMBEDDINGS, file, null, null, OtherProviders.LOCAL);
  }

  private static StoredFile add(StoredFiles files, String owner) throws Exception {
    return files.add(
        IdKind.FILE.next(),
        owner,
        "a.jsonl",
        FileForm.BATCH,
        null,
        target -> Files.writeString(target, "{}\n"));
  }
}

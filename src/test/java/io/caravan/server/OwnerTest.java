package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
  void resultFilesBelongToWhomTheirBatchBelongs() throws Exception {
    FileStore files = new FileStore(directory, clock);
    BatchStore batches = batches(files);
    Batch batch = batches.create("alice", form("file-1"));
    Files.writeString(batches.folder(batch).output(), "{}\n");

    new Publication(files, Duration.ofDays(1)).publish(batch, batches.folder(batch));

    assertThat(files.all()).extracting(StoredFile::owner).containsExactly("alice");
  }

  @Test
  void nobodyGetsABatchFromTheFileOfAnother() throws Exception {
    FileStore files = new FileStore(directory, clock);
    BatchStore batches = batches(files);
    StoredFile file = add(files, "alice");

    assertThat(batches.folder(batches.create("bob", form(file.id()))).input()).doesNotExist();
    assertThat(batches.folder(batches.create("alice", form(file.id()))).input()).exists();
  }

  @Test
  void ownersAreReadBack() throws Exception {
    FileStore files = new FileStore(directory, clock);
    add(files, "alice");
    batches(files).create("bob", form("file-1"));

    assertThat(new FileStore(directory, clock).all())
        .extracting(StoredFile::owner)
        .containsExactly("alice");
    assertThat(batches(files).all())
        .extracting(batch -> batch.order().owner())
        .containsExactly("bob");
  }

  @Test
  void whatWasStoredBeforeThereWereOwnersHasNone() throws Exception {
    var file =
        Json.MAPPER.readValue(
            "{\"id\":\"file-1\",\"createdAt\":\"2026-01-01T00:00:00Z\"}", StoredFile.class);
    var upload = Json.MAPPER.readValue("{\"id\":\"upload_1\"}", Upload.class);
    var order = Json.MAPPER.readValue("{\"id\":\"batch_1\"}", Batch.Order.class);

    assertThat(file.owner()).isEqualTo(Owner.NOBODY);
    assertThat(upload.owner()).isEqualTo(Owner.NOBODY);
    assertThat(order.owner()).isEqualTo(Owner.NOBODY);
  }

  private BatchStore batches(FileStore files) throws IOException {
    return new BatchStore(directory, files, new DiskQuota(directory, Long.MAX_VALUE), clock);
  }

  private static BatchForm form(String file) {
    return new BatchForm(Endpoint.EMBEDDINGS, file, null, null);
  }

  private static StoredFile add(FileStore files, String owner) throws Exception {
    return files.add(
        IdKind.FILE.next(),
        owner,
        "a.jsonl",
        FileForm.BATCH,
        null,
        target -> Files.writeString(target, "{}\n"));
  }
}

package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.models.batches.Batch;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import io.caravan.TestClock;
import io.caravan.server.TestServer;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Uploads;
import io.caravan.server.wire.Endpoint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expired data is deleted without any request for it. */
class CleaningTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  @TempDir private Path directory;
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        TestServer.start(
            directory,
            clock,
            "caravan.server.cleaning-interval=20ms",
            "caravan.server.file-retention=5d",
            "caravan.server.batch-retention=9d");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void deletesExpiredFiles() {
    server.upload("a.jsonl", "{}");
    assertThat(left("content")).hasSize(1);

    clock.advance(Duration.ofDays(5));

    await().untilAsserted(() -> assertThat(left("content")).isEmpty());
    await().until(() -> server.bean(DiskQuota.class).used() == 0);
  }

  @Test
  void deletesPartsOfUploadsAfterAnHourAndTheRestAfterADay() {
    Upload upload =
        server
            .client()
            .uploads()
            .create(
                UploadCreateParams.builder()
                    .filename("a.jsonl")
                    .bytes(4)
                    .mimeType("application/jsonl")
                    .purpose(FilePurpose.BATCH)
                    .build());
    server
        .client()
        .uploads()
        .parts()
        .create(
            upload.id(),
            PartCreateParams.builder().data(new ByteArrayInputStream(new byte[] {1, 2})).build());
    assertThat(left("content")).hasSize(1);

    clock.advance(Duration.ofHours(1));
    await().untilAsserted(() -> assertThat(left("content")).isEmpty());
    assertThat(server.bean(Uploads.class).find(upload.id())).isPresent();
    clock.advance(Duration.ofDays(2));

    await().until(() -> server.bean(Uploads.class).find(upload.id()).isEmpty());
  }

  @Test
  void deletesResultFilesAndBatchesAfterTheirRetention() {
    Batch batch = server.run(Endpoint.EMBEDDINGS, TestServer.embedding("a", "red"));
    assertThat(left("content")).hasSize(2);

    clock.advance(Duration.ofDays(6));
    await().untilAsserted(() -> assertThat(left("content")).isEmpty());
    assertThat(server.client().batches().retrieve(batch.id()).outputFileId()).isPresent();
    clock.advance(Duration.ofDays(4));

    await().untilAsserted(() -> assertThat(server.client().batches().list().data()).isEmpty());
    assertThat(left("batches")).isEmpty();
  }

  private List<String> left(String folder) {
    try (var paths = Files.list(directory.resolve(folder))) {
      return paths.map(path -> path.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

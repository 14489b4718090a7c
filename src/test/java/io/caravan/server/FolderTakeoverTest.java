package io.caravan.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.models.batches.Batch;
import com.openai.models.files.FileObject;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.parts.PartCreateParams;
import io.caravan.TestClock;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A folder that version 0.1 wrote until it was killed, with one of two batches unfinished. */
class FolderTakeoverTest {
  private static final String ENDED = "batch_d8ff9b2315aa407d87be01dde7be996d";
  private static final String UNFINISHED = "batch_3dfd0050a20741ceb11846a148d25a94";
  private static final String UPLOAD = "upload_08d8271de1524e23845d3665c8a96d06";
  private static final String PART = "part_1ae9fcdac9f64b56b50737852685ebf3";

  private final TestClock clock = new TestClock(Instant.parse("2026-11-30T05:45:00Z"));
  @TempDir private Path directory;
  private GatedUpstream upstream;

  @BeforeEach
  void copyFolder() throws Exception {
    upstream = new GatedUpstream();
    copyAgain();
  }

  @AfterEach
  void stopUpstream() {
    upstream.close();
  }

  private void copyAgain() throws IOException {
    FileSystemUtils.copyRecursively(Path.of("src/test/resources/server/folder-0.1"), directory);
  }

  @Test
  void keepsFilesAndEndedBatches() {
    try (TestServer server = start()) {
      Batch ended = server.client().batches().retrieve(ENDED);

      assertThat(ended.status()).isEqualTo(Batch.Status.COMPLETED);
      assertThat(server.lines(ended.outputFileId()))
          .singleElement()
          .satisfies(line -> assertThat(line.path("custom_id").asText()).isEqualTo("a"));
      assertThat(server.client().files().list().data())
          .extracting(FileObject::filename)
          .containsExactlyInAnyOrder("done.jsonl", "half.jsonl", ENDED + "_output.jsonl");
      assertThat(directory.resolve("files")).doesNotExist();
      assertThat(directory.resolve("uploads")).doesNotExist();
    }
  }

  @Test
  void resumesTheUnfinishedBatch() {
    upstream.let(10);
    try (TestServer server = start()) {
      Batch end = server.awaitEnd(server.client().batches().retrieve(UNFINISHED));

      assertThat(end.status()).isEqualTo(Batch.Status.COMPLETED);
      assertThat(ids(server, end.outputFileId())).containsExactly("b", "c", "e", "f");
      assertThat(ids(server, end.errorFileId())).containsExactly("d");
      assertThat(upstream.heard()).isEqualTo(2);
    }
  }

  private static List<String> ids(TestServer server, Optional<String> file) {
    return server.lines(file).stream()
        .map(line -> line.path("custom_id").asText())
        .sorted()
        .toList();
  }

  @Test
  void resumesTheUpload() {
    try (TestServer server = start()) {
      var uploads = server.client().uploads();
      String second =
          uploads
              .parts()
              .create(
                  UPLOAD,
                  PartCreateParams.builder()
                      .data(new ByteArrayInputStream(new byte[] {'\n', '\n'}))
                      .build())
              .id();

      var completed =
          uploads.complete(
              UPLOAD, UploadCompleteParams.builder().partIds(List.of(PART, second)).build());

      assertThat(completed.file().orElseThrow().bytes()).isEqualTo(4);
    }
  }

  @Test
  void repeatsATakeoverThatWasInterrupted() throws Exception {
    long used;
    try (TestServer server = start()) {
      used = server.bean(DiskQuota.class).used();
      await().until(() -> upstream.heard() == 2);
    }
    copyAgain();

    try (TestServer server = start()) {
      assertThat(server.client().files().list().data()).hasSize(3);
      assertThat(server.bean(Batches.class).find(ENDED)).isPresent();
      assertThat(server.bean(DiskQuota.class).used()).isEqualTo(used);
    }
  }

  private TestServer start() {
    return TestServer.start(directory, clock, "caravan.upstream.url=" + upstream.url());
  }
}

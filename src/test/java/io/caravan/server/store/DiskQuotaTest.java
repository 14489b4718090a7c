package io.caravan.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.openai.errors.InternalServerException;
import com.openai.models.batches.Batch;
import com.openai.models.files.FileObject;
import io.caravan.disk.FullDisk;
import io.caravan.server.GatedUpstream;
import io.caravan.server.TestServer;
import io.caravan.server.wire.Endpoint;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class DiskQuotaTest {
  @TempDir private Path directory;

  @Test
  void countsWhatIsTakenBetweenMeasurements() throws Exception {
    var quota = new DiskQuota(() -> 100, 150, directory);

    assertThat(quota.used()).isEqualTo(100);
    assertThat(quota.take(51)).isFalse();
    assertThat(quota.take(50)).isTrue();
    assertThat(quota.take(1)).isFalse();
    quota.measure();
    assertThat(quota.used()).isEqualTo(100);
  }

  @Test
  void rejectsBytesThatWouldFillTheDisk() throws Exception {
    var quota = new DiskQuota(() -> 0, Long.MAX_VALUE, directory);
    try (FullDisk disk = FullDisk.of(1_000, 26)) {
      assertThat(quota.hasRoom(1_000_000)).isTrue();
      assertThat(quota.hasRoom(2_000_000)).isFalse();
      assertThat(quota.take(2_000_000)).isFalse();
      assertThat(quota.used()).isZero();
      assertThatThrownBy(() -> quota.requireDisk(2_000_000)).hasMessageContaining("disk is full");
      disk.free(25);
      assertThat(IntStream.range(0, 2_000).filter(i -> quota.take(1_000)).count())
          .as("the disk is checked once per megabyte")
          .isLessThan(1_100);
      assertThat(quota.take(1)).isFalse();
      disk.free(500);
      assertThat(quota.take(2_000_000)).isTrue();
    }
  }

  @Test
  void rejectsUploadsWhileTheDiskIsFull() throws Exception {
    try (var server = TestServer.start(directory)) {
      FileObject first = server.upload("a.jsonl", "x".repeat(6_000));
      server.upload("unseen.jsonl", "x".repeat(900_000)); // the disk is checked once per megabyte
      try (FullDisk disk = FullDisk.of(1_000, 20)) {
        assertThatExceptionOfType(InternalServerException.class)
            .isThrownBy(() -> server.upload("b.jsonl", "x".repeat(900_000)))
            .satisfies(e -> assertThat(e.statusCode()).isEqualTo(507));
        server.client().files().delete(first.id());
        disk.free(500);
        assertThat(server.upload("b.jsonl", "x".repeat(900_000)).bytes()).isEqualTo(900_000);
      }
    }
  }

  @Test
  void rejectsFilesUntilOthersAreDeleted() throws Exception {
    try (var server = TestServer.start(directory, "caravan.server.max-disk=10KB")) {
      FileObject first = server.upload("a.jsonl", "x".repeat(6_000));

      assertThatExceptionOfType(InternalServerException.class)
          .isThrownBy(() -> server.upload("b.jsonl", "x".repeat(6_000)))
          .satisfies(e -> assertThat(e.statusCode()).isEqualTo(507))
          .satisfies(e -> assertThat(e.code()).contains("storage_limit_exceeded"));

      server.client().files().delete(first.id());
      assertThat(server.upload("b.jsonl", "x".repeat(6_000)).bytes()).isEqualTo(6_000);
    }
  }

  @Test
  void batchWaitsForSpaceAndKeepsItsAnswers(CapturedOutput output) throws Exception {
    try (var upstream = new GatedUpstream();
        var server =
            TestServer.start(
                directory,
                "caravan.upstream.url=" + upstream.url(),
                "caravan.server.max-line-size=10KB",
                "caravan.server.max-disk=1MB")) {
      DiskQuota quota = server.bean(DiskQuota.class);
      Batch batch =
          server.create(
              Endpoint.CHAT_COMPLETIONS,
              IntStream.range(0, 10)
                  .mapToObj(i -> TestServer.chat("r" + i))
                  .toArray(String[]::new));
      upstream.let(4);
      await()
          .until(() ->
              server
                      .client()
                      .batches()
                      .retrieve(batch.id())
                      .requestCounts()
                      .orElseThrow()
                      .completed()
                  == 4);
      long rest = (1 << 20) - quota.used();

      assertThat(quota.take(rest)).isTrue();
      upstream.let(1000);
      await().until(() -> output.getOut().contains("there is no room for results"));
      assertThat(server.client().batches().retrieve(batch.id()).status())
          .isEqualTo(Batch.Status.IN_PROGRESS);
      quota.give(rest);

      assertThat(server.awaitEnd(batch).requestCounts().orElseThrow().completed()).isEqualTo(10);
    }
  }
}

package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.batches.Batch;
import io.caravan.TestClock;
import io.caravan.server.run.Publication;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.Lease;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Owner;
import io.caravan.server.store.StoredBatchStatus;
import io.caravan.server.store.folder.DirectoryInUseException;
import io.caravan.server.wire.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches that are stopped in the middle: by their owner, by time, by a crash. */
class BatchLifeTest {
  private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
  @TempDir private Path directory;
  private GatedUpstream upstream;

  @BeforeEach
  void startUpstream() throws Exception {
    upstream = new GatedUpstream();
  }

  @AfterEach
  void stopUpstream() {
    upstream.close();
  }

  @Test
  void resumesAfterRestart() {
    Batch batch;
    try (TestServer server = start()) {
      batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(60));
      letAndAwait(server, batch, 25);
    }

    upstream.let(1000);
    try (TestServer server = start()) {
      Batch end = server.awaitEnd(batch);

      assertThat(end.status()).isEqualTo(Batch.Status.COMPLETED);
      assertThat(end.requestCounts().orElseThrow().completed()).isEqualTo(60);
      assertThat(end.usage().orElseThrow().totalTokens()).isEqualTo(300);
      assertThat(end.errorFileId()).isEmpty();
      assertThat(customIds(server.lines(end.outputFileId())))
          .containsExactlyInAnyOrderElementsOf(ids(60));
    }
  }

  @Test
  void stopsAtOnceWhileRequestsHang() {
    TestServer server = start();
    server.create(Endpoint.CHAT_COMPLETIONS, chats(10));
    await().until(() -> upstream.heard() == 4);
    long start = System.nanoTime();

    server.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void truncatesAnIncompleteLineAfterACrash() throws Exception {
    Batch batch;
    try (TestServer server = start()) {
      batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(10));
      letAndAwait(server, batch, 4);
    }
    Path output = directory.resolve("batches").resolve(batch.id()).resolve("output.jsonl");
    Files.writeString(
        output,
        "{\"id\":\"batch_req_1\",\"custom_id\":\"r9\",\"resp",
        UTF_8,
        StandardOpenOption.APPEND);

    upstream.let(1000);
    try (TestServer server = start()) {
      assertThat(customIds(server.lines(server.awaitEnd(batch).outputFileId())))
          .containsExactlyInAnyOrderElementsOf(ids(10));
    }
  }

  @Test
  void publishesResultsSealedBeforeACrash() throws Exception {
    String sealed;
    try (TestStores opened = TestStores.in(directory, clock)) {
      Lease lease =
          opened
              .stores()
              .batches()
              .create(
                  Owner.NONE,
                  new BatchForm(
                      Endpoint.CHAT_COMPLETIONS, "file-1", null, null, OtherProviders.LOCAL));
      sealed = lease.id();
      lease.open();
      lease.update(b ->
          b.become(StoredBatchStatus.IN_PROGRESS, clock.instant())
              .become(StoredBatchStatus.FINALIZING, clock.instant())
              .seal(BatchProgress.start("m", 1)));
      Files.writeString(lease.folder().output(), "{\"custom_id\":\"a\"}\n");
      new Publication(opened.stores().files(), Duration.ofDays(1))
          .publish(lease.batch(), lease.folder());
    }

    try (TestServer server = start()) {
      await().until(() -> server.client().batches().retrieve(sealed).completedAt().isPresent());

      Batch batch = server.client().batches().retrieve(sealed);
      assertThat(customIds(server.lines(batch.outputFileId()))).containsExactly("a");
      assertThat(server.client().files().list().data()).hasSize(1);
    }
  }

  @Test
  void keepsPartialResultsWhenCancelled() {
    try (TestServer server = start()) {
      Batch batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(20));
      letAndAwait(server, batch, 5);

      Batch cancelling = server.client().batches().cancel(batch.id());
      assertThat(cancelling.status()).isIn(Batch.Status.CANCELLING, Batch.Status.CANCELLED);
      Batch end = server.awaitEnd(batch);

      assertThat(end.status()).isEqualTo(Batch.Status.CANCELLED);
      assertThat(end.cancellingAt()).isPresent();
      assertThat(end.cancelledAt()).isPresent();
      assertThat(end.requestCounts().orElseThrow().completed()).isEqualTo(5);
      assertNeverRun(server, end, "batch_cancelled", 5, 20);
      assertThat(server.client().batches().cancel(batch.id()).status())
          .isEqualTo(Batch.Status.CANCELLED);
    }
  }

  @Test
  void expiresAtTheEndOfItsWindow() {
    try (TestServer server = start()) {
      Batch batch = server.create(Endpoint.CHAT_COMPLETIONS, chats(20));
      letAndAwait(server, batch, 5);

      clock.advance(Duration.ofHours(24));

      Batch end = server.awaitEnd(batch);
      assertThat(end.status()).isEqualTo(Batch.Status.EXPIRED);
      assertThat(end.expiredAt()).isEqualTo(end.expiresAt());
      assertNeverRun(server, end, "batch_expired", 5, 20);
    }
  }

  @Test
  void runsASmallBatchBesideALargeOne() {
    try (TestServer server = start()) {
      Batch big = server.create(Endpoint.CHAT_COMPLETIONS, chats(900));
      letAndAwait(server, big, 1);
      Batch small = server.create(Endpoint.CHAT_COMPLETIONS, chats(10));
      await()
          .until(() -> server.client().batches().retrieve(small.id()).inProgressAt().isPresent());

      upstream.let(100);

      assertThat(server.awaitEnd(small).status()).isEqualTo(Batch.Status.COMPLETED);
      assertThat(server.client().batches().retrieve(big.id()).status())
          .isEqualTo(Batch.Status.IN_PROGRESS);
    }
  }

  @Test
  void refusesASecondServerInItsDirectory() {
    try (TestServer server = start()) {
      assertThat(server.url()).isNotEmpty();
      assertThatException()
          .isThrownBy(this::start)
          .withRootCauseInstanceOf(DirectoryInUseException.class);
    }
  }

  @Test
  void isAbsentWhenDisabled() throws Exception {
    try (TestServer server =
        TestServer.start(directory, Clock.systemUTC(), "caravan.server.enabled=false")) {
      assertThat(server.get("/v1/files").statusCode()).isEqualTo(404);
      assertThat(directory.resolve("content")).doesNotExist();
    }
  }

  private TestServer start() {
    return TestServer.start(directory, clock, "caravan.upstream.url=" + upstream.url());
  }

  private void letAndAwait(TestServer server, Batch batch, int requests) {
    upstream.let(requests);
    await()
        .until(() ->
            server.client().batches().retrieve(batch.id()).requestCounts().orElseThrow().completed()
                == requests);
  }

  private static void assertNeverRun(
      TestServer server, Batch batch, String code, int completed, int total) {
    List<JsonNode> output = server.lines(batch.outputFileId());
    List<JsonNode> errors = server.lines(batch.errorFileId());
    assertThat(output).hasSize(completed);
    assertThat(errors)
        .hasSize(total - completed)
        .allSatisfy(line -> {
          assertThat(line.get("response").isNull()).isTrue();
          assertThat(line.at("/error/code").asText()).isEqualTo(code);
        });
    assertThat(Stream.concat(customIds(output).stream(), customIds(errors).stream()))
        .containsExactlyInAnyOrderElementsOf(ids(total));
  }

  private static List<String> customIds(List<JsonNode> lines) {
    return lines.stream().map(line -> line.path("custom_id").asText()).toList();
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "r" + i).toList();
  }

  private static String[] chats(int count) {
    return ids(count).stream().map(TestServer::chat).toArray(String[]::new);
  }
}

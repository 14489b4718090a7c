package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.models.batches.Batch;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import com.zaxxer.hikari.HikariDataSource;
import io.caravan.job.PostgresServer;
import io.caravan.server.run.BatchRuns;
import io.caravan.server.wire.Endpoint;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one database, without a common disk. */
class ReplicasTest {
  /** The concurrency of the test server's upstream. */
  private static final int IN_FLIGHT = 4;

  @TempDir private static Path folder;
  private static PostgresServer postgres;
  private static GatedUpstream upstream;
  private static TestServer a;
  private static TestServer b;

  @BeforeAll
  static void start() throws IOException {
    postgres = PostgresServer.start();
    upstream = new GatedUpstream();
    a = start("a");
    b = start("b");
  }

  @AfterAll
  static void stop() throws IOException {
    a.close();
    b.close();
    upstream.close();
    postgres.close();
  }

  @BeforeEach
  void reset() {
    upstream.reset();
  }

  private static TestServer start(String name) {
    return TestServer.start(
        folder.resolve(name),
        Clock.systemUTC(),
        postgres,
        "caravan.upstream.url=" + upstream.url());
  }

  @Test
  void serveTheSameFiles() throws Exception {
    FileObject file = a.upload("input.jsonl", "0123456789\n");

    assertThat(b.client().files().list().data()).extracting(FileObject::id).contains(file.id());
    try (var content = b.client().files().content(file.id())) {
      assertThat(new String(content.body().readAllBytes(), UTF_8)).isEqualTo("0123456789\n");
    }
    assertThat(range(b, "/v1/files/" + file.id() + "/content", "bytes=3-5")).isEqualTo("345");
    b.client().files().delete(file.id());
    assertThat(a.get("/v1/files/" + file.id()).statusCode()).isEqualTo(404);
  }

  @Test
  void acceptPartsOfOneUpload() throws Exception {
    Upload upload =
        a.client()
            .uploads()
            .create(
                UploadCreateParams.builder()
                    .bytes(8)
                    .filename("input.jsonl")
                    .mimeType("application/jsonl")
                    .purpose(FilePurpose.BATCH)
                    .build());
    String first = part(a, upload, "{\"a\"");
    String second = part(b, upload, ":1}\n");

    Upload completed =
        b.client()
            .uploads()
            .complete(
                UploadCompleteParams.builder()
                    .uploadId(upload.id())
                    .partIds(List.of(first, second))
                    .build());

    String file = completed.file().orElseThrow().id();
    assertThat(a.get("/v1/files/" + file + "/content").body()).isEqualTo("{\"a\":1}\n");
  }

  @Test
  void showProgressOfTheOthersBatch() {
    Batch batch = a.create(Endpoint.CHAT_COMPLETIONS, chats(20));
    upstream.let(5);

    awaitCompleted(b, batch, 5);
    assertThat(b.client().batches().list().data()).extracting(Batch::id).contains(batch.id());
    upstream.let(1000);
    assertWhole(b.awaitEnd(batch), 20);
  }

  @Test
  void cancelTheOthersBatch() {
    Batch batch = a.create(Endpoint.CHAT_COMPLETIONS, chats(20));
    upstream.let(5);
    awaitCompleted(b, batch, 5);

    b.client().batches().cancel(batch.id());

    Batch end = b.awaitEnd(batch);
    assertThat(end.status()).isEqualTo(Batch.Status.CANCELLED);
    assertThat(b.lines(end.outputFileId())).hasSize(5);
    assertThat(b.lines(end.errorFileId()))
        .hasSize(15)
        .allSatisfy(
            line -> assertThat(line.at("/error/code").asText()).isEqualTo("batch_cancelled"));
  }

  @Test
  void takeOverABatchOfAStoppedReplica() {
    Batch batch;
    try (TestServer stopped = start("stopped")) {
      batch = stopped.create(Endpoint.CHAT_COMPLETIONS, chats(60));
      upstream.let(25);
      awaitCompleted(stopped, batch, 25);
    }
    upstream.let(1000);

    assertWhole(b.awaitEnd(batch), 60);
    assertThat(upstream.heard()).isBetween(60, 60 + IN_FLIGHT);
  }

  /** Like a killed replica, but still running, so it could do harm. */
  @Test
  void takeOverABatchOfAReplicaThatLostTheDatabase() {
    try (TestServer cutOff = start("cut-off")) {
      Batch batch = cutOff.create(Endpoint.CHAT_COMPLETIONS, chats(60));
      upstream.let(25);
      awaitCompleted(b, batch, 25);
      cutOff.bean(HikariDataSource.class).close();
      await().until(() -> Stream.of(a, b).anyMatch(s -> s.bean(BatchRuns.class).runs(batch.id())));
      upstream.let(1000);

      assertWhole(b.awaitEnd(batch), 60);
      assertThat(upstream.heard()).isBetween(60, 60 + IN_FLIGHT);
    }
  }

  @Test
  void shareTheBatchesOfAStoppedReplica() {
    List<Batch> batches;
    try (TestServer stopped = start("stopped")) {
      batches =
          IntStream.range(0, 4)
              .mapToObj(i -> stopped.create(Endpoint.CHAT_COMPLETIONS, chats(5)))
              .toList();
    }
    upstream.let(1000);

    batches.forEach(batch -> assertWhole(b.awaitEnd(batch), 5));
  }

  private static void assertWhole(Batch end, int requests) {
    assertThat(end.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(end.requestCounts().orElseThrow().completed()).isEqualTo(requests);
    assertThat(end.errorFileId()).isEmpty();
    assertThat(b.lines(end.outputFileId()).stream().map(line -> line.path("custom_id").asText()))
        .containsExactlyInAnyOrderElementsOf(ids(requests).toList());
  }

  private static void awaitCompleted(TestServer server, Batch batch, int requests) {
    await()
        .until(() ->
            server.client().batches().retrieve(batch.id()).requestCounts().orElseThrow().completed()
                == requests);
  }

  private static String part(TestServer server, Upload upload, String content) {
    return server
        .client()
        .uploads()
        .parts()
        .create(
            PartCreateParams.builder()
                .uploadId(upload.id())
                .data(TestServer.part("part", content))
                .build())
        .id();
  }

  private static String range(TestServer server, String path, String range) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(server.url() + path)).header("Range", range).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private static Stream<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "r" + i);
  }

  private static String[] chats(int count) {
    return ids(count).map(TestServer::chat).toArray(String[]::new);
  }
}

package io.caravan.routes.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the fake provider of the kill tests: its behaviour, its counts and its faults. */
class CountingProviderTest {
  /** The client's timeout. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private CountingProvider provider = newProvider();

  private static CountingProvider newProvider() {
    try {
      return new CountingProvider();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void runShortly() {
    provider.withBatchesOf(Duration.ofMillis(80));
  }

  @AfterEach
  void close() throws IOException {
    provider.close();
    http.close();
  }

  @Test
  void completesABatch() throws Exception {
    JsonNode file = json(upload("a", 3));
    assertThat(file.path("purpose").asText()).isEqualTo("batch");
    JsonNode batch = json(create(file));
    assertThat(batch.path("status").asText()).isEqualTo("validating");
    assertThat(batch.path("errors").isNull() && batch.path("output_file_id").isNull()).isTrue();
    assertThat(statuses(batch)).contains("in_progress").endsWith("completed");
    assertThat(output(batch)).containsExactlyInAnyOrder("a-1", "a-2", "a-3");
    assertThat(provider.account().paid()).isEqualTo(Map.of("a-1", 1L, "a-2", 1L, "a-3", 1L));
    assertThat(provider.account().paidBatches("key")).isEqualTo(Map.of("k", 1L));
  }

  @Test
  void countsDoublePayments() throws Exception {
    create(json(upload("a", 1)));
    create(json(upload("a", 1)));
    assertThat(provider.account().paid()).isEqualTo(Map.of("a-1", 2L));
    assertThat(provider.account().paidBatches("key")).isEqualTo(Map.of("k", 2L));
  }

  @Test
  void countsUnusedUploads() throws Exception {
    JsonNode used = json(upload("a", 1));
    JsonNode unused = json(upload("b", 1));
    create(used);
    assertThat(provider.account().orphans()).extracting(StoredFile::id).containsExactly(id(unused));
    assertThat(delete(unused).statusCode()).isEqualTo(200);
    assertThat(delete(unused).statusCode()).isEqualTo(404);
    assertThat(provider.account().orphans()).isEmpty();
    assertThat(provider.account().uploads()).hasSize(2);
  }

  @Test
  void listsNewestFirstInPages() throws Exception {
    List<String> files =
        Stream.of(json(upload("a", 1)), json(upload("b", 1)), json(upload("c", 1)))
            .map(CountingProviderTest::id)
            .toList();
    JsonNode first = json(get("/files?purpose=batch&limit=2"));
    assertThat(first.path("data").findValuesAsText("id"))
        .containsExactly(files.get(2), files.get(1));
    assertThat(first.path("has_more").asBoolean()).isTrue();
    JsonNode rest = json(get("/files?limit=2&after=" + first.path("last_id").asText()));
    assertThat(rest.path("data").findValuesAsText("id")).containsExactly(files.get(0));
    assertThat(rest.path("has_more").asBoolean()).isFalse();
  }

  @Test
  void createsWithoutAnswering() throws Exception {
    provider.onCreate(
        Fault.dropped(), Fault.doneBut(500), Fault.late(PATIENCE.plusSeconds(1)), Fault.NONE);
    JsonNode file = json(upload("a", 1));
    assertThatThrownBy(() -> create(file)).isInstanceOf(IOException.class);
    assertThat(create(file).statusCode()).isEqualTo(500);
    assertThatThrownBy(() -> create(file)).isInstanceOf(IOException.class);
    assertThat(create(file).statusCode()).isEqualTo(200);
    assertThat(provider.account().paid()).isEqualTo(Map.of("a-1", 4L));
  }

  @Test
  void rejectsWithoutEffect() throws Exception {
    provider.onCreate(Fault.limited("3"), Fault.refused(400, Fault.error("no", "billing")));
    JsonNode file = json(upload("a", 1));
    HttpResponse<String> limited = create(file);
    assertThat(limited.statusCode()).isEqualTo(429);
    assertThat(limited.headers().firstValue("Retry-After")).contains("3");
    assertThat(create(file).body()).contains("billing");
    assertThat(provider.account().batches()).isEmpty();
  }

  @Test
  void failsAllCallsUntilMended() throws Exception {
    provider.breakDown(Fault.refused(401, Fault.error("Incorrect API key.", "invalid_api_key")));
    assertThat(upload("a", 1).statusCode()).isEqualTo(401);
    assertThat(get("/batches").statusCode()).isEqualTo(401);
    provider.mend();
    assertThat(upload("a", 1).statusCode()).isEqualTo(200);
  }

  @Test
  void listsNewBatchLate() throws Exception {
    provider.withListLag(Duration.ofHours(1));
    JsonNode batch = json(create(json(upload("a", 1))));
    assertThat(json(get("/batches")).path("data")).isEmpty();
    assertThat(get("/batches/" + id(batch)).statusCode()).isEqualTo(200);
    provider.withListLag(Duration.ofMillis(1));
    await().until(() -> json(get("/batches")).path("data").size() == 1);
  }

  @Test
  void failsBatchAboveQueueLimit() throws Exception {
    provider.withQueueOf(12).withBatchesOf(Duration.ofHours(1));
    JsonNode first = json(create(json(upload("a", 1))));
    runShortly();
    JsonNode second = json(create(json(upload("b", 1))));
    assertThat(statuses(second)).endsWith("failed");
    JsonNode error = json(get("/batches/" + id(second))).path("errors").path("data").path(0);
    assertThat(error.path("code").asText()).isEqualTo("token_limit_exceeded");
    assertThat(error.path("message").asText())
        .startsWith("Enqueued token limit reached for gpt-4.1-nano in organization org-1. Limit:");
    provider.account().endAll();
    assertThat(statuses(first)).endsWith("completed");
    assertThat(statuses(json(create(json(upload("c", 1)))))).endsWith("completed");
    assertThat(provider.account().paid().keySet()).containsExactly("a-1", "c-1");
  }

  @Test
  void endsBatchesPartlyDone() throws Exception {
    provider.ending(ids ->
        switch (ids.getFirst()) {
          case "a-1" -> Ending.expired(1);
          case "b-1" -> Ending.cancelled(1);
          case "c-1" -> Ending.withoutTheRest(1);
          default -> Ending.failed("invalid_request", "no");
        });
    JsonNode expired = json(create(json(upload("a", 2))));
    assertThat(statuses(expired)).endsWith("expired");
    assertThat(output(expired)).containsExactly("a-1");
    assertThat(lines(expired, "error_file_id").toString()).contains("a-2", "batch_expired");
    JsonNode cancelled = json(create(json(upload("b", 2))));
    assertThat(statuses(cancelled)).endsWith("cancelled");
    assertThat(output(cancelled)).containsExactly("b-1");
    JsonNode lacking = json(create(json(upload("c", 2))));
    assertThat(statuses(lacking)).endsWith("completed");
    assertThat(output(lacking)).containsExactly("c-1");
    assertThat(statuses(json(create(json(upload("d", 2)))))).endsWith("failed");
    assertThat(provider.account().paid().keySet()).containsExactly("a-1", "b-1", "c-1");
  }

  @Test
  void cancelsBatch() throws Exception {
    provider.withBatchesOf(Duration.ofMinutes(1));
    JsonNode batch = json(create(json(upload("a", 4))));
    JsonNode cancelling = json(post("/batches/" + id(batch) + "/cancel", ""));
    assertThat(cancelling.path("status").asText()).isEqualTo("cancelling");
    assertThat(statuses(batch)).endsWith("cancelled");
    assertThat(output(batch)).containsExactlyInAnyOrder("a-1", "a-2");
    assertThat(provider.account().paid()).hasSize(2);
  }

  @Test
  void failsSomeRequestsAtFirst() throws Exception {
    provider.answering((id, time) -> id.equals("a-1") && time < 3 ? 429 : 200);
    for (int time = 1; time <= 2; time++) {
      JsonNode batch = json(create(json(upload("a", 2))));
      assertThat(statuses(batch)).endsWith("completed");
      JsonNode line = Outcome.parse(lines(batch, "error_file_id").getFirst());
      assertThat(line.path("response").path("status_code").asInt()).isEqualTo(429);
    }
    create(json(upload("a", 2)));
    assertThat(provider.account().paid()).isEqualTo(Map.of("a-1", 1L, "a-2", 3L));
  }

  @Test
  void truncatesDownloads() throws Exception {
    provider
        .onContent(Fault.cut(10), Fault.cutUnannounced(10))
        .spoilingOutput(lines ->
            Stream.of(lines, lines, List.of(Execution.line("unknown", 200, 7)))
                .flatMap(List::stream)
                .toList());
    JsonNode batch = json(create(json(upload("a", 1))));
    assertThat(statuses(batch)).endsWith("completed");
    assertThatThrownBy(() -> output(batch)).isInstanceOf(IOException.class);
    assertThat(lines(batch, "output_file_id").getFirst()).hasSize(10);
    assertThat(output(batch)).containsExactly("a-1", "a-1", "unknown");
  }

  private List<String> statuses(JsonNode batch) {
    var seen = new java.util.ArrayList<String>();
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          seen.add(json(get("/batches/" + id(batch))).path("status").asText());
          return seen.getLast().matches("completed|failed|expired|cancelled");
        });
    return seen;
  }

  private List<String> output(JsonNode batch) throws IOException, InterruptedException {
    return lines(batch, "output_file_id").stream()
        .map(line -> Outcome.parse(line).path("custom_id").asText())
        .toList();
  }

  private List<String> lines(JsonNode batch, String file) throws IOException, InterruptedException {
    String id = json(get("/batches/" + id(batch))).path(file).asText();
    return get("/files/" + id + "/content").body().lines().toList();
  }

  private HttpResponse<String> upload(String about, int count)
      throws IOException, InterruptedException {
    String[] lines = new String[count];
    for (int i = 0; i < count; i++) {
      lines[i] = Line.chat(about + "-" + (i + 1), about);
    }
    String form =
        """
        --xyz\r
        Content-Disposition: form-data; name="purpose"\r
        \r
        batch\r
        --xyz\r
        Content-Disposition: form-data; name="file"; filename="%s.jsonl"\r
        Content-Type: application/jsonl\r
        \r
        %s\r
        --xyz--\r
        """
            .formatted(about, TestCaravan.text(lines));
    return send(
        request("/files")
            .header("Content-Type", "multipart/form-data; boundary=xyz")
            .POST(BodyPublishers.ofString(form)));
  }

  private HttpResponse<String> create(JsonNode file) throws IOException, InterruptedException {
    return post(
        "/batches",
        """
        {"input_file_id": "%s", "endpoint": "/v1/chat/completions", "completion_window": "24h",
         "metadata": {"key": "k"}}
        """
            .formatted(id(file)));
  }

  private HttpResponse<String> post(String path, String body)
      throws IOException, InterruptedException {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> delete(JsonNode file) throws IOException, InterruptedException {
    return send(request("/files/" + id(file)).DELETE());
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(provider.url() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
  }

  private static String id(JsonNode object) {
    return object.path("id").asText();
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Outcome.parse(answer.body());
  }
}

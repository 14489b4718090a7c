package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code /v1/batches} with a named provider: batches run through its routes. */
class GatewayJourneyTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private static Path folder;
  private static CountingProvider provider;
  private static TestCaravan caravan;
  private static HttpClient http;

  @BeforeAll
  static void start() throws IOException {
    provider = new CountingProvider();
    http = HttpClient.newHttpClient();
    caravan =
        TestCaravan.in(folder)
            .with("caravan.providers.openai.base-url", provider.url())
            .with("caravan.providers.openai.api-key", "none")
            .with("caravan.server.open-providers", "local,openai")
            .start();
  }

  @BeforeEach
  void reset() {
    provider.withBatchesOf(Duration.ofMillis(100)).answering((id, tries) -> 200);
  }

  @AfterAll
  static void stop() throws IOException {
    http.close();
    caravan.close();
    provider.close();
  }

  @Test
  void runsBatchAtTheNamedProvider() throws Exception {
    provider.answering((id, tries) -> id.equals("r2") ? 400 : 200);

    JsonNode created = create("openai:gpt-4.1-mini", 3);
    assertThat(created.path("provider").asText()).isEqualTo("openai");
    JsonNode batch = awaitEnd(created);

    assertThat(batch.path("status").asText()).isEqualTo("completed");
    assertThat(batch.path("model").asText()).isEqualTo("gpt-4.1-mini");
    assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(2);
    assertThat(batch.at("/request_counts/failed").asInt()).isEqualTo(1);
    assertThat(batch.at("/metadata/team").asText()).isEqualTo("red");
    JsonNode results = get("/v1/batches/" + id(batch) + "/results?provider=openai");
    assertThat(results.path("results")).hasSize(3);
    assertThat(results.path("results").get(0).path("result").isObject()).isTrue();
    assertThat(results.path("results").get(2).path("custom_id").asText()).isEqualTo("r2");
    assertThat(results.path("results").get(2).path("error").path("message").asText()).isNotEmpty();
    assertThat(
            send("GET", "/v1/files/" + batch.path("output_file_id").asText() + "/content", "")
                .body())
        .hasLineCount(2);
    assertThat(get("/v1/batches?provider=openai&limit=1").at("/data/0/id").asText())
        .isEqualTo(id(batch));
    assertThat(get("/v1/batches?provider=local").path("data")).isEmpty();
    assertThat(send("GET", "/v1/batches/" + id(batch) + "?provider=local", "").statusCode())
        .isEqualTo(404);
    assertThat(caravan.outbox()).doesNotExist();
  }

  @Test
  void runsTwoBatchesOfTheSameRequests() throws Exception {
    int before = provider.account().batches().size();

    awaitEnd(create("openai:gpt-4.1-mini", 2));
    awaitEnd(create("openai:gpt-4.1-mini", 2));

    assertThat(provider.account().batches()).hasSize(before + 2);
  }

  @Test
  void resumesAfterStopAndPaysOnce() throws Exception {
    provider.withBatchesOf(Duration.ofSeconds(2));
    int before = provider.account().batches().size();
    JsonNode created = create("openai:gpt-4.1-mini", 2);
    await().until(() -> provider.account().batches().size() > before);
    caravan.stop();
    caravan.start();

    JsonNode batch = awaitEnd(created);

    assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(2);
    assertThat(provider.account().batches()).hasSize(before + 1);
  }

  @Test
  void keepsAnswersOfCancelledBatch() throws Exception {
    provider.withBatchesOf(Duration.ofMinutes(5));
    int before = provider.account().batches().size();
    JsonNode created = create("openai:gpt-4.1-mini", 2);
    await().until(() -> provider.account().batches().size() > before);

    assertThat(
            send("POST", "/v1/batches/" + id(created) + "/cancel?provider=openai", "").statusCode())
        .isEqualTo(200);

    JsonNode batch = awaitEnd(created);
    assertThat(batch.path("status").asText()).isEqualTo("cancelled");
    JsonNode results = get("/v1/batches/" + id(batch) + "/results").path("results");
    assertThat(results).hasSize(2);
    assertThat(results.get(0).path("result").isObject()).isTrue();
    assertThat(results.get(1).at("/error/code").asText()).isEqualTo("job_cancelled");
  }

  @Test
  void reportsMissingProviderSettings(@TempDir Path other) throws Exception {
    try (var withoutKey = TestCaravan.in(other).start()) {
      HttpResponse<String> answer =
          send(withoutKey, "POST", "/v1/batches", body("openai:gpt-4.1-mini", 1));

      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("OPENAI_API_KEY");
    }
  }

  private static JsonNode create(String model, int requests) throws Exception {
    HttpResponse<String> answer = send("POST", "/v1/batches", body(model, requests));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String body(String model, int requests) {
    var body = JSON.createObjectNode().put("model", model).put("completion_window", "24h");
    body.putObject("metadata").put("team", "red");
    var array = body.putArray("requests");
    IntStream.range(0, requests)
        .forEach(i -> {
          var request = array.addObject().put("custom_id", "r" + i);
          request
              .putObject("body")
              .putArray("messages")
              .addObject()
              .put("role", "user")
              .put("content", "Say " + i);
        });
    return body.toString();
  }

  private static JsonNode awaitEnd(JsonNode batch) {
    return await()
        .until(
            () -> get("/v1/batches/" + id(batch)),
            now ->
                Set.of("completed", "failed", "cancelled").contains(now.path("status").asText()));
  }

  private static String id(JsonNode batch) {
    return batch.path("id").asText();
  }

  private static JsonNode get(String path) throws Exception {
    return JSON.readTree(send("GET", path, "").body());
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws Exception {
    return send(caravan, method, path, body);
  }

  private static HttpResponse<String> send(TestCaravan at, String method, String path, String body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(at.address() + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build(),
        BodyHandlers.ofString());
  }
}

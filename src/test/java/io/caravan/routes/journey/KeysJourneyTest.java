package io.caravan.routes.journey;

import static io.caravan.routes.Line.embedding;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests keys of the embedded server; Caravan's own pipelines need no configured key. */
class KeysJourneyTest {
  private static final String ALICE = "sk-alice";
  private static final String BOB = "sk-bob";

  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void limitsClientsToTheirModelsAndBatches(@TempDir Path folder) throws Exception {
    try (var provider = new CountingProvider();
        var caravan =
            TestCaravan.in(folder)
                .with("caravan.server.keys.alice", sha256(ALICE))
                .with("caravan.server.keys.bob", sha256(BOB))
                .with("caravan.client.limits.alice.providers", "openai")
                .with("caravan.client.limits.alice.models", "gpt-4.1-*")
                .with("caravan.providers.openai.base-url", provider.url())
                .with("caravan.providers.openai.api-key", "none")
                .start()) {
      caravan.drop("good.jsonl", embedding("a", "A kettle."), embedding("b", "A pan."));
      caravan.awaitReport("good").counts(2, 2, 0);
      assertThat(caravan.ask("/v1/batches")).contains("invalid_api_key");
      assertThat(endlessUpload(caravan)).startsWith("HTTP/1.1 401").contains("invalid_api_key");

      refuses(caravan, "provider_not_allowed", create("anthropic", "claude", "claude"));
      refuses(caravan, "model_not_allowed", create("openai", "gpt-5", "gpt-4.1-mini"));

      String batch =
          "/v1/batches/"
              + json(send(caravan, ALICE, "POST", "/v1/batches", create("openai", "", "gpt-5")))
                  .path("id")
                  .asText();
      await()
          .until(
              () -> json(send(caravan, ALICE, "GET", batch, "")),
              now -> Set.of("completed", "failed").contains(now.path("status").asText()));
      JsonNode results = json(send(caravan, ALICE, "GET", batch + "/results", "")).path("results");
      assertThat(results).hasSize(2);
      assertThat(results.get(0).path("result").isObject()).isTrue();
      assertThat(results.get(1).at("/error/code").asText()).isEqualTo("model_not_allowed");
      assertThat(provider.account().batches()).hasSize(1);
      assertThat(caravan.clients()).containsExactlyInAnyOrder(null, "alice");

      for (String path : new String[] {batch, batch + "/results"}) {
        assertThat(send(caravan, BOB, "GET", path, "").statusCode()).isEqualTo(404);
      }
      assertThat(send(caravan, BOB, "POST", batch + "/cancel", "").statusCode()).isEqualTo(404);
    }
  }

  @Test
  @Tag("thorough")
  void findsRunningBatchAfterKeysAreSet(@TempDir Path folder) throws IOException {
    try (var upstream = new Upstream();
        var caravan = TestCaravan.in(folder).with("caravan.upstream.url", upstream.url())) {
      upstream.hold();
      caravan.start().drop("waits.jsonl", Line.chats("waits", 2));
      await().until(() -> upstream.heard() > 0);
      caravan.stop();

      upstream.letGo();
      caravan.with("caravan.server.keys.alice", "0".repeat(64)).start();

      caravan.awaitReport("waits").counts(2, 2, 0);
    }
  }

  @Test
  @Tag("thorough")
  void limitsTheRateOfAKeyBelowAllPaths(@TempDir Path folder) throws Exception {
    String operator = "operator-token-1";
    try (var caravan =
        TestCaravan.in(folder)
            .with("caravan.server.keys.alice", sha256(ALICE))
            .with("caravan.server.keys.bob", sha256(BOB))
            .with("caravan.server.max-requests-per-minute", 1)
            .with("caravan.operator.token", operator)
            .start()) {
      assertThat(send(caravan, ALICE, "GET", "/v1/models", "").statusCode()).isEqualTo(200);

      HttpResponse<String> refused = send(caravan, ALICE, "GET", "/batch/health", "");

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(json(refused).path("code").asText()).isEqualTo("rate_limit_exceeded");
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 60L);
      assertThat(send(caravan, ALICE, "GET", "/v1/models", "").statusCode()).isEqualTo(429);
      for (int i = 0; i < 3; i++) {
        assertThat(send(caravan, operator, "GET", "/batch/health", "").statusCode()).isEqualTo(200);
      }
      assertThat(send(caravan, BOB, "GET", "/batch/health", "").statusCode()).isEqualTo(200);
      assertThat(send(caravan, BOB, "GET", "/batch/health", "").statusCode()).isEqualTo(429);
    }
  }

  private void refuses(TestCaravan caravan, String code, String batch) throws Exception {
    HttpResponse<String> answer = send(caravan, ALICE, "POST", "/v1/batches", batch);

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(json(answer).at("/error/code").asText()).isEqualTo(code);
    assertThat(json(answer).at("/error/message").asText()).contains("It may use: ");
  }

  /** A batch whose first request uses gpt-4.1-mini, unless the batch sets a model for all. */
  private static String create(String provider, String model, String second) {
    return """
    {"provider": "%s", %s "requests": [
      {"custom_id": "a", "body": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Say a"}]}},
      {"custom_id": "b", "body": {"model": "%s", "messages": [{"role": "user", "content": "Say b"}]}}]}
    """
        .formatted(provider, model.isEmpty() ? "" : "\"model\": \"%s\",".formatted(model), second);
  }

  private HttpResponse<String> send(
      TestCaravan caravan, String key, String method, String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(caravan.address() + path))
            .method(method, BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + key)
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Outcome.parse(answer.body());
  }

  /** Sends an upload without key and end; returns the answer after the server disconnects. */
  private static String endlessUpload(TestCaravan caravan) throws IOException {
    try (var socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(caravan.address()).getPort())) {
      socket.setSoTimeout(10_000);
      String head =
          """
          POST /v1/files HTTP/1.1
          Host: localhost
          Content-Length: 1000000000000
          Content-Type: multipart/form-data; boundary=x

          """;
      socket.getOutputStream().write(head.replace("\n", "\r\n").getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private static String sha256(String key) throws Exception {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
  }
}

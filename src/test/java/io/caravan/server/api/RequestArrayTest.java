package io.caravan.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.batches.Batch;
import io.caravan.server.GatedUpstream;
import io.caravan.server.TestServer;
import io.caravan.server.wire.Json;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batches with inline requests, as in the any-llm gateway. */
class RequestArrayTest {
  @TempDir private static Path directory;
  private static GatedUpstream upstream;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    upstream = new GatedUpstream();
    server =
        TestServer.start(
            directory,
            "caravan.upstream.url=" + upstream.url(),
            "caravan.server.max-line-size=10KB");
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void runsInlineRequestsWithTheModelThatFollowsThem() throws Exception {
    JsonNode created =
        created(
            """
            {"requests":[{"custom_id":"a","body":{"input":"red","model":"other"}},
            {"custom_id":"b","body":{"input":["blue",
            "green"]}}],"endpoint":"/v1/embeddings","metadata":{"team":"red"},
            "model":"local:all-MiniLM-L6-v2"}\
            """);
    assertThat(created.path("provider").asText()).isEqualTo("local");
    assertThat(created.at("/metadata/team").asText()).isEqualTo("red");

    Batch batch = server.awaitEnd(server.client().batches().retrieve(created.get("id").asText()));

    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    assertThat(batch.model()).contains("all-MiniLM-L6-v2");
    JsonNode results = json(server.get("/v1/batches/" + batch.id() + "/results?provider=local"));
    assertThat(results.path("results"))
        .hasSize(2)
        .allSatisfy(result -> {
          assertThat(result.at("/result/data/0/embedding")).hasSize(384);
          assertThat(result.get("error").isNull()).isTrue();
        })
        .extracting(result -> result.path("custom_id").asText())
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void returnsResultsOfACancelledBatchOnlyAfterItHasEnded() throws Exception {
    String id =
        created(
                """
                {"provider":"local","model":"m","requests":[
                {"custom_id":"a","body":{"messages":[]}},{"custom_id":"b","body":{"messages":[]}}]}\
                """)
            .get("id")
            .asText();
    upstream.let(1);
    await()
        .until(() ->
            server.client().batches().retrieve(id).requestCounts().orElseThrow().completed() == 1);

    HttpResponse<String> early = server.get("/v1/batches/" + id + "/results");
    assertThat(early.statusCode()).isEqualTo(409);
    assertThat(json(early).at("/error/message").asText()).contains("'in_progress'");

    assertThat(server.post("/v1/batches/" + id + "/cancel?provider=local", "").statusCode())
        .isEqualTo(200);
    server.awaitEnd(server.client().batches().retrieve(id));
    JsonNode results = json(server.get("/v1/batches/" + id + "/results")).path("results");
    assertThat(results).hasSize(2);
    assertThat(results.get(0).path("result").path("object").asText()).isEqualTo("chat.completion");
    assertThat(results.get(1).path("result").isNull()).isTrue();
    assertThat(results.get(1).at("/error/code").asText()).isEqualTo("batch_cancelled");
    upstream.reset();
  }

  @Test
  void returnsNoResultsOfAFailedBatch() throws Exception {
    String id =
        created(
                """
                {"requests":[{"custom_id":"a","body":{}},{"custom_id":"a","body":{}}]}\
                """)
            .get("id")
            .asText();

    Batch batch = server.awaitEnd(server.client().batches().retrieve(id));

    assertThat(batch.status()).isEqualTo(Batch.Status.FAILED);
    assertThat(batch.errors().orElseThrow().data().orElseThrow()).isNotEmpty();
    assertThat(json(server.get("/v1/batches/" + id + "/results")).path("results")).isEmpty();
  }

  @Test
  void listsTheBatchesOfOneProvider() throws Exception {
    String id = created("{\"requests\":[{\"custom_id\":\"a\",\"body\":{}}]}").get("id").asText();

    assertThat(json(server.get("/v1/batches?provider=local")).path("data"))
        .extracting(batch -> batch.path("id").asText())
        .contains(id);
    assertThat(server.get("/v1/batches?provider=mars").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"requests":[]} | requests
          {"requests":[1]} | requests[0]
          {"requests":[{"custom_id":"a","body":{}},{"body":{}}]} | requests[1].custom_id
          {"requests":[{"custom_id":"a","body":[]}]} | requests[0].body
          {"model":"mars:m","requests":[]} | model
          {"provider":"mars","requests":[]} | provider
          {"provider":7,"requests":[]} | provider
          {"endpoint":"/v1/nothing","requests":[]} | endpoint
          {"completion_window":"1h","requests":[]} | completion_window
          {"requests":{}} | input_file_id
          """)
  void refusesInvalidBatches(String body, String param) throws Exception {
    HttpResponse<String> answer = server.post("/v1/batches", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).at("/error/param").asText()).isEqualTo(param);
  }

  @ParameterizedTest
  @CsvSource({"2,200", "20,413"})
  void acceptsRequestsUpToTheSizeOfALine(int kilobytes, int status) throws Exception {
    String request =
        "{\"custom_id\":\"%s\",\"body\":{\"text\":\"" + "x".repeat(kilobytes << 10) + "\"}}";
    String requests = String.join(",", request.formatted("a"), request.formatted("b"));

    HttpResponse<String> answer =
        server.post("/v1/batches", "{\"model\":\"m\",\"requests\":[%s]}".formatted(requests));

    assertThat(answer.statusCode()).isEqualTo(status);
  }

  @Test
  void limitsAllRequestsToTheSizeOfAFile() throws Exception {
    String request = "{\"custom_id\":\"%d\",\"body\":{\"text\":\"" + "x".repeat(5_000) + "\"}}";

    assertThat(server.post("/v1/batches", many(request, 100)).statusCode()).isEqualTo(200);
    assertThat(server.post("/v1/batches", many(request, 250)).statusCode()).isEqualTo(413);
  }

  private static String many(String request, int count) {
    var requests = new StringBuilder();
    for (int i = 0; i < count; i++) {
      requests.append(i == 0 ? "" : ",").append(request.formatted(i));
    }
    return "{\"model\":\"m\",\"requests\":[%s]}".formatted(requests);
  }

  private static JsonNode created(String body) throws Exception {
    HttpResponse<String> answer = server.post("/v1/batches", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return json(answer);
  }

  private static JsonNode json(HttpResponse<String> answer) throws Exception {
    return Json.MAPPER.readTree(answer.body());
  }
}

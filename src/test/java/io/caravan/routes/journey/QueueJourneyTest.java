package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.routes.OpenApiDocument;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.RouteController;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests single requests over HTTP, from the queue to their answers, with two clients. */
class QueueJourneyTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ALICE = "alice-key";
  private static final String BOB = "bob-key";
  private static final String OPERATOR = "operator-token-1";

  @TempDir private static Path folder;
  private static CountingProvider provider;
  private static TestCaravan caravan;
  private static HttpClient http;

  /** A label that separates the requests of each test. */
  private final String label = "label-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws Exception {
    provider = new CountingProvider();
    http = HttpClient.newHttpClient();
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .with("caravan.server.keys.alice", hash(ALICE))
            .with("caravan.server.keys.bob", hash(BOB))
            .with("caravan.client.limits.bob.models", "gpt-*")
            .with("caravan.operator.token", OPERATOR)
            .with("caravan.queue.max-request-size", "20KB")
            .start();
  }

  private static String hash(String key) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
  }

  @BeforeEach
  void reset() {
    provider.withBatchesOf(Duration.ofMillis(50)).answering((id, tries) -> 200);
  }

  @AfterAll
  static void stop() throws IOException {
    http.close();
    caravan.close();
    provider.close();
  }

  private static HttpResponse<String> call(
      String key, String method, String path, String body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(caravan.address() + path))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    OpenApiDocument.check(response);
    return response;
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  private String order(String more) {
    return """
    {"job_type": "%s", "data": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}%s}
    """
        .formatted(label, more)
        .strip();
  }

  private String queue(String key, String more) throws Exception {
    HttpResponse<String> response = call(key, "POST", "/batch/queue", order(more));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return json(response).path("id").asText();
  }

  private JsonNode flush(String key) throws Exception {
    HttpResponse<String> response =
        call(key, "POST", "/batch/process", "{\"job_type\": \"%s\"}".formatted(label));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return json(response).path("jobs");
  }

  private static JsonNode awaitEnd(String key, String id) {
    return await("end of " + id)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> json(call(key, "GET", "/batch/requests/" + id, "")),
            it -> !List.of("queued", "submitted").contains(it.path("status").asText()));
  }

  @Test
  void answersAQueuedRequest() throws Exception {
    HttpResponse<String> queued =
        call(
            ALICE,
            "POST",
            "/batch/queue",
            order(", \"custom_id\": \"%s-1\", \"metadata\": {\"order\": 12.50}".formatted(label)));

    assertThat(queued.statusCode()).isEqualTo(202);
    String id = json(queued).path("id").asText();
    assertThat(queued.headers().firstValue("Location")).contains("/batch/requests/" + id);
    assertThat(queued.headers().firstValue("Retry-After")).isPresent();
    assertThat(json(queued).path("job_id").asText()).isEqualTo(id);
    assertThat(json(queued).path("status").asText()).isEqualTo("queued");
    JsonNode waiting = json(call(ALICE, "GET", "/batch/requests/" + id, ""));
    assertThat(waiting.path("estimated_completion_time").asText()).isNotEmpty();

    JsonNode job = flush(ALICE).get(0);
    assertThat(job.path("requests").asInt()).isOne();
    JsonNode answer = awaitEnd(ALICE, id);

    assertThat(answer.path("status").asText()).isEqualTo("completed");
    assertThat(answer.path("custom_id").asText()).isEqualTo(label + "-1");
    assertThat(call(ALICE, "GET", "/batch/requests/" + id, "").body()).contains("12.50");
    assertThat(answer.path("result").isObject()).isTrue();
    assertThat(answer.path("error").isNull()).isTrue();
    assertThat(answer.path("status_code").asInt()).isEqualTo(200);
    String batch = answer.path("batch_id").asText();
    for (String known : List.of(batch, job.path("id").asText())) {
      JsonNode status = json(call(ALICE, "GET", "/batch/status/" + known, ""));
      assertThat(status.path("status").asText()).isEqualTo("completed");
      assertThat(status.at("/request_counts/completed").asInt()).isOne();
      assertThat(call(ALICE, "GET", "/batch/results/" + known, "").body())
          .hasLineCount(1)
          .contains(label + "-1");
    }
  }

  @Test
  void answersNotModifiedToAKnownETag() throws Exception {
    String path = "/batch/requests/" + queue(ALICE, "");
    String tag = call(ALICE, "GET", path, "").headers().firstValue("ETag").orElseThrow();

    assertThat(call(ALICE, "GET", path, "", "If-None-Match", tag).statusCode()).isEqualTo(304);
    call(ALICE, "DELETE", path, "");
    assertThat(call(ALICE, "GET", path, "", "If-None-Match", tag).statusCode()).isEqualTo(200);
  }

  @Test
  void tellsFailedRequestsApart() throws Exception {
    String good = queue(ALICE, ", \"custom_id\": \"%s-good\"".formatted(label));
    String bad = queue(ALICE, ", \"custom_id\": \"%s-bad\"".formatted(label));
    provider.answering((id, tries) -> id.endsWith("bad") ? 400 : 200);

    JsonNode job = flush(ALICE).get(0);

    assertThat(awaitEnd(ALICE, good).path("status").asText()).isEqualTo("completed");
    JsonNode failed = awaitEnd(ALICE, bad);
    assertThat(failed.path("status").asText()).isEqualTo("failed");
    assertThat(failed.path("status_code").asInt()).isEqualTo(400);
    assertThat(failed.path("result").isNull()).isTrue();
    assertThat(failed.path("error").path("message").asText()).isNotEmpty();
    assertThat(call(ALICE, "GET", "/batch/results/" + job.path("id").asText(), "").body())
        .hasLineCount(2);
  }

  @Test
  void fillsTheTemplateThatTheJobTypeNames() throws Exception {
    HttpResponse<String> queued =
        call(
            ALICE,
            "POST",
            "/batch/queue",
            """
            {"job_type": "embeddings", "data": {"model": "text-embedding-3-small", "prompt": "a cat"}}
            """);

    JsonNode request =
        json(call(ALICE, "GET", "/batch/requests/" + json(queued).path("id").asText(), ""));
    assertThat(request.path("url").asText()).isEqualTo("/v1/embeddings");
    assertThat(request.path("model").asText()).isEqualTo("text-embedding-3-small");
  }

  @Test
  void repeatsItsAnswerForTheSameIdempotencyKey() throws Exception {
    String order = order("");
    HttpResponse<String> first =
        call(ALICE, "POST", "/batch/queue", order, "Idempotency-Key", label);
    HttpResponse<String> again =
        call(ALICE, "POST", "/batch/queue", order, "Idempotency-Key", label);
    HttpResponse<String> other =
        call(ALICE, "POST", "/batch/queue", order(", \"priority\": 9"), "Idempotency-Key", label);
    HttpResponse<String> stranger =
        call(BOB, "POST", "/batch/queue", order, "Idempotency-Key", label);

    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Location"))
        .isEqualTo(first.headers().firstValue("Location"));
    assertThat(other.statusCode()).isEqualTo(422);
    assertThat(stranger.statusCode()).isEqualTo(202);
    assertThat(stranger.body()).isNotEqualTo(first.body());
    assertThat(list(ALICE)).hasSize(1);
  }

  private JsonNode list(String key) throws Exception {
    return json(call(key, "GET", "/batch/requests?job_type=" + label, "")).path("data");
  }

  @Test
  void rejectsAUsedCustomId() throws Exception {
    String custom = ", \"custom_id\": \"%s\"".formatted(label);
    String first = queue(ALICE, custom);

    HttpResponse<String> second = call(ALICE, "POST", "/batch/queue", order(custom));

    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(json(second).path("code").asText()).isEqualTo("duplicate_custom_id");
    assertThat(json(second).path("detail").asText()).contains(label, first);
    queue(BOB, custom);
  }

  @Test
  void hidesRequestsFromOtherClients() throws Exception {
    String id = queue(ALICE, "");
    String job = flush(ALICE).get(0).path("id").asText();

    assertThat(call(BOB, "GET", "/batch/requests/" + id, "").statusCode()).isEqualTo(404);
    assertThat(call(BOB, "DELETE", "/batch/requests/" + id, "").statusCode()).isEqualTo(404);
    assertThat(call(BOB, "GET", "/batch/status/" + job, "").statusCode()).isEqualTo(404);
    assertThat(call(BOB, "GET", "/batch/results/" + job, "").statusCode()).isEqualTo(404);
    assertThat(list(BOB)).isEmpty();
    assertThat(list(ALICE)).hasSize(1);
    assertThat(list(OPERATOR)).hasSize(1);
    assertThat(call("", "GET", "/batch/requests/" + id, "").statusCode()).isEqualTo(401);
    assertThat(call("wrong", "POST", "/batch/queue", order("")).statusCode()).isEqualTo(401);
    awaitEnd(OPERATOR, id);
  }

  @Test
  void makesJobsOfOwnRequestsOnly() throws Exception {
    queue(ALICE, "");
    String own = queue(BOB, "");

    assertThat(flush(BOB)).hasSize(1);

    assertThat(list(ALICE).get(0).path("status").asText()).isEqualTo("queued");
    awaitEnd(BOB, own);
    assertThat(flush(OPERATOR)).hasSize(1);
  }

  @Test
  void limitsTheRequestsOfAJob() throws Exception {
    for (int i = 0; i < 3; i++) {
      queue(ALICE, "");
    }

    JsonNode jobs =
        json(call(
                ALICE,
                "POST",
                "/batch/process",
                "{\"job_type\": \"%s\", \"max_jobs\": 2}".formatted(label)))
            .path("jobs");

    assertThat(jobs.get(0).path("requests").asInt()).isEqualTo(2);
    assertThat(flush(ALICE).get(0).path("requests").asInt()).isOne();
  }

  @Test
  void removesACancelledRequestFromTheQueue() throws Exception {
    String id = queue(ALICE, "");

    JsonNode cancelled = json(call(ALICE, "DELETE", "/batch/requests/" + id, ""));

    assertThat(cancelled.path("status").asText()).isEqualTo("cancelled");
    assertThat(call(ALICE, "DELETE", "/batch/requests/" + id, "").statusCode()).isEqualTo(409);
    assertThat(flush(ALICE)).isEmpty();
  }

  @Test
  void dropsTheAnswerOfARequestCancelledInABatch() throws Exception {
    provider.withBatchesOf(Duration.ofSeconds(2));
    String id = queue(ALICE, "");
    String other = queue(ALICE, "");
    flush(ALICE);

    assertThat(json(call(ALICE, "DELETE", "/batch/requests/" + id, "")).path("status").asText())
        .isEqualTo("cancelled");

    assertThat(awaitEnd(ALICE, other).path("status").asText()).isEqualTo("completed");
    JsonNode dropped = json(call(ALICE, "GET", "/batch/requests/" + id, ""));
    assertThat(dropped.path("status").asText()).isEqualTo("cancelled");
    assertThat(dropped.path("result").isNull()).isTrue();
  }

  @Test
  void queuesGoodLinesAndListsBadOnes() throws Exception {
    String lines =
        IntStream.range(0, 1200)
                .mapToObj(i -> order(", \"custom_id\": \"%s-%d\"".formatted(label, i)))
                .collect(Collectors.joining("\n"))
            + "\n\n{\"data\": 1}\nnot json\n"
            + order(", \"custom_id\": \"%s-7\"".formatted(label));

    HttpResponse<String> response =
        call(
            ALICE,
            "POST",
            "/batch/queue/bulk",
            lines,
            "Content-Type",
            "application/x-ndjson",
            "Idempotency-Key",
            label);

    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    JsonNode answer = json(response);
    assertThat(answer.path("accepted").asInt()).isEqualTo(1200);
    assertThat(answer.path("requests")).hasSize(1200);
    assertThat(answer.at("/requests/1199/custom_id").asText()).isEqualTo(label + "-1199");
    assertThat(answer.path("rejected").asInt()).isEqualTo(3);
    assertThat(answer.path("errors"))
        .extracting(it -> it.path("line").asInt() + " " + it.path("code").asText())
        .containsExactly("1202 invalid_type", "1203 invalid_json", "1204 duplicate_custom_id");
    HttpResponse<String> again =
        call(
            ALICE,
            "POST",
            "/batch/queue/bulk",
            lines,
            "Content-Type",
            "application/x-ndjson",
            "Idempotency-Key",
            label);
    assertThat(again.body()).isEqualTo(response.body());
    JsonNode page =
        json(call(ALICE, "GET", "/batch/requests?limit=1000&status=queued&job_type=" + label, ""));
    assertThat(page.path("data")).hasSize(1000);
    assertThat(page.path("has_more").asBoolean()).isTrue();
    JsonNode rest =
        json(
            call(
                ALICE,
                "GET",
                "/batch/requests?job_type=%s&after=%s"
                        .formatted(label, page.at("/data/999/id").asText())
                    + "&limit=1000",
                ""));
    assertThat(rest.path("data")).hasSize(200);
    assertThat(flush(ALICE).get(0).path("requests").asInt()).isEqualTo(1200);
  }

  @Test
  void queuesAnArrayOrNothing() throws Exception {
    String good = "[%s, %s]".formatted(order(""), order(""));
    String bad = "[%s, {\"data\": 1}]".formatted(order(""));
    String cut = "[%s, ".formatted(order(""));

    assertThat(json(call(ALICE, "POST", "/batch/queue/bulk", good)).path("accepted").asInt())
        .isEqualTo(2);
    HttpResponse<String> none = call(ALICE, "POST", "/batch/queue/bulk?atomic=true", bad);
    HttpResponse<String> broken = call(ALICE, "POST", "/batch/queue/bulk", cut);

    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(json(none).path("detail").asText()).contains("Nothing was queued", "Line 2");
    assertThat(broken.statusCode()).isEqualTo(400);
    assertThat(list(ALICE)).hasSize(2);
    assertThat(Files.getPosixFilePermissions(folder.resolve("data/scratch")))
        .doesNotContain(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);
  }

  @Test
  void showsWhyRequestsWait() throws Exception {
    queue(ALICE, ", \"priority\": 9");

    JsonNode status = json(call(ALICE, "GET", "/batch/queue/status", ""));

    assertThat(status.path("by_job_type").path(label).asInt()).isOne();
    assertThat(status.at("/by_priority/9").asInt()).isPositive();
    assertThat(status.at("/by_provider/openai").asInt()).isPositive();
    assertThat(status.path("oldest").asText()).isNotEmpty();
    JsonNode group = status.at("/groups/0");
    assertThat(group.path("waits_for").asText()).isNotEmpty();
    assertThat(group.path("next_flush").asText()).isNotEmpty();
    assertThat(group.path("client").isMissingNode()).isTrue();
    assertThat(json(call(OPERATOR, "GET", "/batch/queue/status", "")).findValuesAsText("client"))
        .contains("alice");
  }

  @Test
  void explainsWhatIsWrong() throws Exception {
    assertThat(problem("{\"data\": {\"model\": \"m\"}, \"provider\": \"acme\"}"))
        .startsWith("400 unknown_provider provider");
    assertThat(problem("{\"dota\": {}}")).startsWith("400 unknown_parameter dota");
    assertThat(problem("{\"data\": {\"messages\": []}}"))
        .startsWith("400 missing_required_parameter data.model");
    assertThat(problem("{\"data\": {\"model\": \"m\"}, \"url\": \"/v1/songs\"}"))
        .startsWith("400 invalid_url url");
    assertThat(problem("{\"data\": {\"model\": \"m\"}, \"priority\": 11}"))
        .startsWith("400 invalid_value priority");
    assertThat(problem("{\"data\": {\"model\": \"m\"}, \"deadline\": \"2020-01-01T00:00:00Z\"}"))
        .startsWith("400 invalid_deadline deadline");
    assertThat(problem("[]")).startsWith("400 invalid_type");
    assertThat(problem("{")).startsWith("400 invalid_json");
    assertThat(
            problem("{\"data\": {\"model\": \"m\", \"x\": \"%s\"}}".formatted("x".repeat(21_000))))
        .startsWith("413 request_too_large");
    assertThat(
            call(BOB, "POST", "/batch/queue", "{\"data\": {\"model\": \"o9\", \"messages\": []}}")
                .body())
        .contains("model_not_allowed");
    assertThat(call(ALICE, "GET", "/batch/nothing", "").statusCode()).isEqualTo(404);
    assertThat(call(ALICE, "GET", "/batch/nothing", "").headers().firstValue("Content-Type"))
        .contains("application/problem+json");
    HttpResponse<String> invalid = call(ALICE, "GET", "/batch/status/..%5cx", "");
    assertThat(invalid.statusCode()).isEqualTo(400);
    assertThat(json(invalid).path("code").asText()).isEqualTo("invalid_request");
    assertThat(call(ALICE, "GET", "/batch/status/unknown", "").statusCode()).isEqualTo(404);
    assertThat(call(ALICE, "GET", "/batch/requests?status=lost", "").statusCode()).isEqualTo(400);
    assertThat(call(ALICE, "GET", "/batch/health", "").statusCode()).isEqualTo(200);
    assertThat(call(ALICE, "GET", "/batch/openapi.json", "").body()).contains("/batch/queue/bulk");
  }

  private static String problem(String order) throws Exception {
    HttpResponse<String> response = call(ALICE, "POST", "/batch/queue", order);
    JsonNode problem = json(response);
    assertThat(problem.path("detail").asText()).as(response.body()).isNotEmpty();
    return "%d %s %s"
        .formatted(
            response.statusCode(), problem.path("code").asText(), problem.path("param").asText());
  }

  @Test
  void answersConflictBeforeTheEnd() throws Exception {
    provider.withBatchesOf(Duration.ofSeconds(3));
    String id = queue(ALICE, "");
    String job = flush(ALICE).get(0).path("id").asText();

    HttpResponse<String> early = call(ALICE, "GET", "/batch/results/" + job, "");

    assertThat(early.statusCode()).isEqualTo(409);
    assertThat(early.headers().firstValue("Retry-After")).isPresent();
    assertThat(json(call(ALICE, "GET", "/batch/status/" + job, "")).path("status").asText())
        .isIn("accepted", "in_progress");
    awaitEnd(ALICE, id);
  }

  @Test
  void answersLaterWhileItsRouteDoesNotRun() throws Exception {
    RouteController routes = caravan.application().getBean(CamelContext.class).getRouteController();
    routes.stopRoute("queue-add");
    try {
      assertThat(problem("{\"data\":{}}")).isEqualTo("503 not_running ");
    } finally {
      routes.startRoute("queue-add");
    }
    assertThat(queue(ALICE, "")).startsWith("req_");
  }
}

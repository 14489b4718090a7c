package io.caravan.server.upstream;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static com.github.tomakehurst.wiremock.stubbing.Scenario.STARTED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.http.Fault;
import com.openai.models.batches.Batch;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.caravan.server.GatedUpstream;
import io.caravan.server.TestServer;
import io.caravan.server.wire.Endpoint;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final WireMockServer upstream =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

  @TempDir private static Path directory;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream.start();
    server =
        TestServer.start(
            directory,
            "caravan.upstream.url=" + upstream.baseUrl() + "/v1/",
            "caravan.upstream.api-key=sk-secret");
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.stop();
  }

  @BeforeEach
  void forget() {
    upstream.resetAll();
  }

  @Test
  void returnsTheUpstreamsAnswer() {
    given(good().withHeader("x-request-id", "theirs"));

    JsonNode line = line();

    assertThat(line.at("/response/status_code").asInt()).isEqualTo(200);
    assertThat(line.at("/response/request_id").asText()).isEqualTo("theirs");
    assertThat(line.at("/response/body")).isEqualTo(GatedUpstream.echo("hello"));
    upstream.verify(
        postRequestedFor(urlEqualTo(CHAT))
            .withHeader("Authorization", equalTo("Bearer sk-secret"))
            .withRequestBody(WireMock.matchingJsonPath("$.messages[0].content")));
  }

  @Test
  void answersDirectRequestsOfTheOfficialClient() {
    given(good());

    var completion =
        server
            .client()
            .chat()
            .completions()
            .create(ChatCompletionCreateParams.builder().model("m").addUserMessage("hi").build());

    assertThat(completion.choices().getFirst().message().content()).contains("hello");
  }

  @Test
  void honoursRetryAfter() {
    given(aResponse().withStatus(429).withHeader("Retry-After", "1"), good());
    long start = System.nanoTime();

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(200);

    assertThat(System.nanoTime() - start).isGreaterThan(1_000_000_000L);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 429, 502, 503, 504})
  void retriesTransientErrors(int status) {
    given(aResponse().withStatus(status), aResponse().withStatus(status), good());

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(200);
  }

  @Test
  void retriesBrokenConnections() {
    given(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER), good());

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(200);
  }

  @Test
  void stopsRetryingWhenTheSame500Repeats() {
    given(error(500, "server_error", "boom"));

    JsonNode line = line();

    assertThat(line.at("/response/status_code").asInt()).isEqualTo(500);
    assertThat(line.at("/response/body/error/message").asText()).isEqualTo("boom");
    assertThat(line.get("error").isNull()).isTrue();
    upstream.verify(2, postRequestedFor(urlEqualTo(CHAT)));
  }

  @Test
  void keepsRetryingWhileThe500sDiffer() {
    given(
        error(500, "server_error", "slot 1 is gone"),
        error(500, "server_error", "slot 2 is gone"),
        good());

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 422, 501})
  void doesNotRetryRejectedRequests(int status) {
    given(error(status, "invalid_request_error", "no"));

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(status);
    upstream.verify(1, postRequestedFor(urlEqualTo(CHAT)));
  }

  @Test
  void doesNotRetryWithoutCredit() {
    given(error(429, "insufficient_quota", "no credit left"));

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(429);
    upstream.verify(1, postRequestedFor(urlEqualTo(CHAT)));
  }

  @Test
  void waitsWhileTheModelLoads() {
    var loading = error(503, "unavailable_error", "Loading model");
    given(loading, loading, loading, loading, loading, good());

    assertThat(line().at("/response/status_code").asInt()).isEqualTo(200);
  }

  @Test
  void turnsHtmlPagesIntoErrors() {
    given(
        aResponse()
            .withStatus(200)
            .withHeader("Content-Type", "text/html")
            .withBody("<html><h1>Please log in</h1></html>"));

    JsonNode line = line();

    assertThat(line.at("/response/status_code").asInt()).isEqualTo(502);
    assertThat(line.at("/response/body/error/code").asText()).isEqualTo("invalid_upstream_answer");
    assertThat(line.at("/response/body/error/message").asText())
        .contains("Please log in", "text/html")
        .doesNotContain("<h1>");
  }

  @Test
  void listsModels() {
    upstream.stubFor(
        WireMock.get("/v1/models")
            .willReturn(
                okJson(
                    "{\"data\":[{\"id\":\"llama\",\"object\":\"model\",\"created\":1,\"owned_by\":\"x\"}]}")));

    assertThat(server.client().models().list().data())
        .extracting(model -> model.id())
        .containsExactly("all-MiniLM-L6-v2", "llama");
  }

  /** Runs a batch of one request and returns its line. */
  private static JsonNode line() {
    Batch batch = server.run(Endpoint.CHAT_COMPLETIONS, TestServer.chat("a"));
    assertThat(batch.status()).isEqualTo(Batch.Status.COMPLETED);
    List<JsonNode> output = server.lines(batch.outputFileId());
    List<JsonNode> errors = server.lines(batch.errorFileId());
    assertThat(output.size() + errors.size()).isEqualTo(1);
    return output.isEmpty() ? errors.getFirst() : output.getFirst();
  }

  private static ResponseDefinitionBuilder good() {
    return okJson(GatedUpstream.echo("hello").toString());
  }

  private static ResponseDefinitionBuilder error(int status, String code, String message) {
    return aResponse()
        .withStatus(status)
        .withHeader("Content-Type", "application/json")
        .withBody("{\"error\":{\"message\":\"%s\",\"code\":\"%s\"}}".formatted(message, code));
  }

  /** Returns the answers in order; the last one repeats. */
  private static void given(ResponseDefinitionBuilder... answers) {
    for (int i = 0; i < answers.length; i++) {
      String next = String.valueOf(Math.min(i + 1, answers.length - 1));
      upstream.stubFor(
          post(CHAT)
              .inScenario("answers")
              .whenScenarioStateIs(i == 0 ? STARTED : String.valueOf(i))
              .willReturn(answers[i])
              .willSetStateTo(answers.length == 1 ? STARTED : next));
    }
  }
}

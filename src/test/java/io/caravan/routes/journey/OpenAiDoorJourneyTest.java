package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStatus;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.EchoUpstream;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's clients, unmodified, as clients of the queue. */
@Tag("thorough")
class OpenAiDoorJourneyTest {
  private static final String CHAT = "/v1/chat/completions";

  private static EchoUpstream upstream;
  private static TestCaravan caravan;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    upstream = new EchoUpstream();
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Path queue = routes.resolve("pipelines/queue.camel.yaml");
    Files.writeString(queue, Files.readString(queue).replace("maxAge: 15m", "maxAge: 1s"));
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.upstream.url", upstream.url());
    // the embedded server once more, as a provider without the Responses API
    caravan
        .with("caravan.providers.plain.dialect", "openai")
        .with("caravan.providers.plain.base-url", caravan.address() + "/v1")
        .with("caravan.providers.plain.key", "optional")
        .with("caravan.providers.plain.endpoints", CHAT)
        .with("caravan.providers.plain.max-requests", 1000)
        .with("caravan.providers.plain.max-bytes", "10MB")
        .with("caravan.providers.plain.max-embedding-inputs", 1000)
        .with("caravan.providers.plain.max-batches", 100)
        .with("caravan.providers.plain.list-lag", "1s")
        .start();
    // routes are loaded after the start
    await().until(() -> caravan.ask("/batch/queue/status"), it -> it.contains("\"queued\""));
  }

  @AfterAll
  static void stop() {
    caravan.close();
    upstream.close();
  }

  @AfterEach
  void letGo() {
    upstream.letGo();
  }

  private static OpenAIClient openai() {
    return OpenAIOkHttpClient.builder()
        .baseUrl(caravan.address() + "/v1")
        .apiKey("none")
        .putHeader("Caravan-Deadline", "2m")
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams chat(String text) {
    return ChatCompletionCreateParams.builder().model("m").addUserMessage(text).build();
  }

  @Test
  void answersEveryHeldCallOfOpenAiJava() {
    OpenAIClient client = openai();

    var answers =
        IntStream.range(0, 30)
            .mapToObj(i ->
                client
                    .async()
                    .chat()
                    .completions()
                    .create(chat("question " + i))
                    .thenAccept(it ->
                        assertThat(it.choices().getFirst().message().content())
                            .contains("question " + i)))
            .toArray(CompletableFuture[]::new);

    CompletableFuture.allOf(answers).orTimeout(60, TimeUnit.SECONDS).join();
    client.close();
  }

  @Test
  void streamsToOpenAiJava() {
    OpenAIClient client = openai();
    var whole = ChatCompletionAccumulator.create();

    try (var chunks = client.chat().completions().createStreaming(chat("in pieces"))) {
      chunks.stream().forEach(whole::accumulate);
    }

    assertThat(whole.chatCompletion().choices().getFirst().message().content())
        .contains("in pieces");
    assertThatThrownBy(() -> client.chat().completions().create(chat("fail")))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("No.");
    client.close();
  }

  @Test
  void runsResponsesInTheBackground() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder().baseUrl(caravan.address() + "/v1").apiKey("none").build();
    for (String model : new String[] {"m", "plain:m"}) {
      var begun =
          client
              .responses()
              .create(
                  ResponseCreateParams.builder()
                      .model(model)
                      .instructions("Repeat.")
                      .input("later " + model)
                      .background(true)
                      .build());

      assertThat(begun.status()).contains(ResponseStatus.QUEUED);
      var ended =
          await()
              .until(
                  () -> client.responses().retrieve(begun.id()),
                  now -> now.status().filter(ResponseStatus.COMPLETED::equals).isPresent());
      assertThat(ended.id()).isEqualTo(begun.id());
      assertThat(ended.output().getFirst().asMessage().content().getFirst().asOutputText().text())
          .isEqualTo("later " + model);
    }
    client.close();
  }

  @Test
  void answersOpenAisClientForNode(@TempDir Path folder) throws Exception {
    Path scripts = Path.of("src/test/node");
    assumeThat(scripts.resolve("node_modules/openai"))
        .as("the openai package for Node; \"./mvnw verify -Pnode\" installs it")
        .exists();
    File output = folder.resolve("output").toFile();
    Process node =
        new ProcessBuilder("node", "door.mjs", caravan.address())
            .directory(scripts.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    try {
      assertThat(node.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(node.exitValue()).as(Files.readString(output.toPath())).isZero();
    } finally {
      node.destroyForcibly();
    }
  }

  @Test
  void keepsPlaceAndAnswerAfterDeadline() throws Exception {
    upstream.hold();
    String key = UUID.randomUUID().toString();

    HttpResponse<String> late = post("late", key, "2s");

    assertThat(late.statusCode()).isEqualTo(504);
    assertThat(late.headers().firstValue("x-should-retry")).contains("false");
    String id = late.headers().firstValue("Caravan-Request").orElseThrow();
    assertThat(json(late).at("/error/message").asText()).contains(id);
    upstream.letGo();
    HttpResponse<String> again = post("late", key, "1m");
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.headers().firstValue("Caravan-Request")).contains(id);
    assertThat(json(again).at("/choices/0/message/content").asText()).isEqualTo("late");
    assertThat(post("other", key, "1m").statusCode()).isEqualTo(422);
  }

  @Test
  void keepsAnswerForClientThatDisconnects() throws Exception {
    upstream.hold();
    String key = UUID.randomUUID().toString();
    int heard = upstream.heard();
    try (var first =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(caravan.address()).getPort())) {
      String body = body("gone");
      first
          .getOutputStream()
          .write(
              """
              POST /v1/chat/completions HTTP/1.1
              Host: localhost
              Content-Type: application/json
              Content-Length: %d
              Caravan-Deadline: 5m
              Idempotency-Key: %s

              %s\
              """
                  .formatted(body.length(), key, body)
                  .replace("\n", "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      await().until(() -> upstream.heard() > heard);
      assertThat(post("gone", key, "5m").statusCode()).isEqualTo(409);
      assertThat(post("other", key, "5m").statusCode()).isEqualTo(422);
    }

    var again = CompletableFuture.supplyAsync(() -> postUntilFree("gone", key));
    upstream.letGo();

    assertThat(json(again.get(1, TimeUnit.MINUTES)).at("/choices/0/message/content").asText())
        .isEqualTo("gone");
    assertThat(upstream.heard()).isEqualTo(heard + 1);
  }

  private HttpResponse<String> postUntilFree(String text, String key) {
    return await().until(() -> post(text, key, "5m"), answer -> answer.statusCode() != 409);
  }

  @Test
  void answersAtOnceWithoutDeadline() throws Exception {
    HttpResponse<String> answer = post("direct", null, null);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Caravan-Request")).isEmpty();
  }

  @Test
  void refusesUnknownProvider() throws Exception {
    HttpResponse<String> answer =
        http.send(
            request("x", null, "1m").header("Caravan-Provider", "nobody").build(),
            BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).at("/error/type").asText()).isEqualTo("invalid_request_error");
  }

  private static String body(String text) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(text);
  }

  private HttpResponse<String> post(String text, @Nullable String key, @Nullable String deadline)
      throws Exception {
    return http.send(request(text, key, deadline).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(
      String text, @Nullable String key, @Nullable String deadline) {
    var request =
        HttpRequest.newBuilder(URI.create(caravan.address() + CHAT))
            .timeout(Duration.ofMinutes(1))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body(text)));
    if (key != null) {
      request.header("Idempotency-Key", key);
    }
    return deadline == null ? request : request.header("Caravan-Deadline", deadline);
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Outcome.parse(answer.body());
  }
}

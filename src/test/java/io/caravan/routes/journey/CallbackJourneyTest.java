package io.caravan.routes.journey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookSigningException;
import io.caravan.routes.OpenApiDocument;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.RawHttp;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests callbacks to receivers that are broken, slow or hostile, for two clients. */
@Tag("thorough")
@ExtendWith(OutputCaptureExtension.class)
class CallbackJourneyTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String ALICE = "alice-key";
  private static final String BOB = "bob-key";
  private static final String CAROL = "carol-key";
  private static final String OPERATOR = "operator-token-1";
  private static final String NEW = "whsec_bmV3LXNlY3JldC1vZi1hbGljZS1mb3ItdGVzdHM=";
  private static final String OLD = "whsec_b2xkLXNlY3JldC1vZi1hbGljZS1mb3ItdGVzdHM=";
  private static final String BOBS = "whsec_c2VjcmV0LW9mLWJvYi1mb3ItdGVzdHMtb25seQ==";

  @TempDir private static Path folder;
  private static final TestTime CLOCK = new TestTime();
  private static final Map<String, IntFunction<Reply>> RECEIVERS = new ConcurrentHashMap<>();
  private static final Map<String, List<Call>> CALLS = new ConcurrentHashMap<>();
  private static CountingProvider provider;
  private static RawHttp receivers;
  private static TestCaravan caravan;
  private static HttpClient http;

  /** The path of this test's receiver. */
  private final String hook = "/hook-" + UUID.randomUUID();

  @BeforeAll
  static void start() throws Exception {
    provider = new CountingProvider();
    provider.withBatchesOf(Duration.ofMillis(50)).answering((id, tries) -> 200);
    receivers = new RawHttp(CallbackJourneyTest::receive);
    http = HttpClient.newHttpClient();
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .withClock(CLOCK)
            .with("caravan.server.keys.alice", hash(ALICE))
            .with("caravan.server.keys.bob", hash(BOB))
            .with("caravan.server.keys.carol", hash(CAROL))
            .with("caravan.operator.token", OPERATOR)
            .with("caravan.queue.callback-hosts", "127.0.0.1,localhost")
            .with("CARAVAN_CALLBACK_SECRET_ALICE", NEW + " " + OLD)
            .with("CARAVAN_CALLBACK_SECRET_BOB", BOBS)
            .start();
  }

  private static String hash(String key) throws NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(UTF_8)));
  }

  @AfterAll
  static void stop() throws IOException {
    http.close();
    caravan.close();
    receivers.close();
    provider.close();
  }

  private static Reply receive(Call call) {
    List<Call> calls = CALLS.computeIfAbsent(call.path(), path -> new CopyOnWriteArrayList<>());
    calls.add(call);
    return RECEIVERS.getOrDefault(call.path(), n -> answer(404)).apply(calls.size());
  }

  private static Reply answer(int status) {
    return Reply.of(status, new byte[0]);
  }

  private List<Call> calls() {
    return CALLS.getOrDefault(hook, List.of());
  }

  private String url() {
    return "http://127.0.0.1:%d%s".formatted(receivers.port(), hook);
  }

  private static HttpResponse<String> call(String key, String method, String path, String body)
      throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(caravan.address() + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + key)
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    OpenApiDocument.check(response);
    return response;
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  private static HttpResponse<String> order(String key, String url) throws Exception {
    return call(
        key,
        "POST",
        "/batch/queue",
        """
        {"callback_url": "%s", "metadata": {"order": 12.50},
         "data": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}}
        """
            .formatted(url));
  }

  private static String queue(String key, String url) throws Exception {
    HttpResponse<String> response = order(key, url);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
    return json(response).path("id").asText();
  }

  /** Queues a request and cancels it, so that its callback is due. */
  private static String end(String key, String url) throws Exception {
    String id = queue(key, url);
    assertThat(call(key, "DELETE", "/batch/requests/" + id, "").statusCode()).isEqualTo(200);
    return id;
  }

  private static JsonNode callback(String key, String request) throws Exception {
    String before = request.replaceFirst("req_", "msg_").replaceFirst(".$", "");
    return json(call(key, "GET", "/batch/callbacks?limit=1&after=" + before, "")).at("/data/0");
  }

  private static JsonNode awaitStatus(String key, String request, String status) {
    return await("callback of " + request + " is " + status)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> callback(key, request), it -> it.path("status").asText().equals(status));
  }

  private void awaitCalls(int count) {
    await("call " + count).pollInterval(Duration.ofMillis(20)).until(() -> calls().size() >= count);
  }

  @Test
  void signsAndRepeatsUntilTaken(CapturedOutput output) throws Exception {
    RECEIVERS.put(
        hook,
        n ->
            switch (n) {
              case 1 -> answer(500);
              case 2 -> answer(503).with("Retry-After", "3600");
              default -> answer(204);
            });
    String id = queue(ALICE, url() + "?x=%2Ft%20y&sig=a%2Bb+c");
    call(ALICE, "POST", "/batch/process/all", "");

    awaitCalls(1);
    JsonNode failed = awaitStatus(ALICE, id, "failed");
    assertThat(failed.path("status_code").asInt()).isEqualTo(500);
    assertThat(failed.path("problem").asText()).isEqualTo("the receiver answered 500");
    CLOCK.shift(Duration.ofSeconds(6));
    awaitCalls(2);
    await().until(() -> callback(ALICE, id).path("attempts").asInt() == 2);
    CLOCK.shift(Duration.ofMinutes(10));
    assertThat(callback(ALICE, id).at("/receiver/paused_until").asText()).isNotEmpty();
    CLOCK.shift(Duration.ofMinutes(51));
    awaitCalls(3);

    JsonNode delivered = awaitStatus(ALICE, id, "delivered");
    assertThat(delivered.path("attempts").asInt()).isEqualTo(3);
    assertThat(delivered.path("receiver").isNull()).isTrue();
    assertThat(calls())
        .extracting(it -> it.headers().get("webhook-id"))
        .containsOnly(id.replaceFirst("req_", "msg_"));
    assertThat(calls())
        .extracting(it -> it.headers().get("webhook-timestamp"))
        .doesNotHaveDuplicates();
    for (Call attempt : calls()) {
      assertThat(attempt.headers().get("webhook-signature"))
          .isEqualTo(signature(NEW, attempt) + " " + signature(OLD, attempt));
      assertThat(attempt.query()).containsEntry("sig", "a+b c").containsEntry("x", "/t y");
      assertThat(attempt.headers()).containsEntry("content-type", "application/json");
    }
    JsonNode payload = JSON.readTree(calls().getLast().body());
    assertThat(payload.path("type").asText()).isEqualTo("request.completed");
    JsonNode shown = json(call(ALICE, "GET", "/batch/requests/" + id, ""));
    assertThat(payload.path("timestamp")).isEqualTo(shown.path("ended_at"));
    assertThat(payload.at("/data/result").isObject()).isTrue();
    shown
        .properties()
        .forEach(it -> assertThat(payload.path("data").path(it.getKey())).isEqualTo(it.getValue()));
    assertThat(payload.at("/data/location").asText()).isEqualTo("/batch/requests/" + id);
    assertThat(new String(calls().getLast().body(), UTF_8)).contains("{\"order\":12.50}");
    assertThat(output.getAll()).doesNotContain("whsec_", NEW.substring(6), "sig=a");
  }

  private static String signature(String secret, Call call) throws WebhookSigningException {
    return new Webhook(secret)
        .sign(
            call.headers().get("webhook-id"),
            Long.parseLong(Objects.requireNonNull(call.headers().get("webhook-timestamp"))),
            new String(call.body(), UTF_8));
  }

  @Test
  void leavesLongResultsOut() throws Exception {
    RECEIVERS.put(hook, n -> answer(200));
    String long_ = "x".repeat(15_000);
    HttpResponse<String> response =
        call(
            ALICE,
            "POST",
            "/batch/queue",
            """
            {"callback_url": "%s", "metadata": {"long": "%s", "more": "%s"}, "custom_id": "%s",
             "data": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}}
            """
                .formatted(url(), long_, "ä".repeat(1000), "ö".repeat(500)));
    String id = json(response).path("id").asText();
    call(ALICE, "DELETE", "/batch/requests/" + id, "");

    awaitStatus(ALICE, id, "delivered");
    assertThat(calls().getFirst().body().length).isLessThan(20_000);
  }

  @Test
  void followsNoRedirect() throws Exception {
    RECEIVERS.put(hook, n -> answer(302).with("Location", hook + "-other"));

    String id = end(ALICE, url());

    assertThat(awaitStatus(ALICE, id, "failed").path("problem").asText())
        .isEqualTo("the receiver answered 302, and redirects are not followed");
    assertThat(CALLS).doesNotContainKey(hook + "-other");
  }

  @Test
  void endsWithReceiverThatIsGone() throws Exception {
    RECEIVERS.put(hook, n -> answer(n == 1 ? 410 : 200));

    String first = end(ALICE, url());
    awaitStatus(ALICE, first, "disabled");
    String second = end(ALICE, url());
    JsonNode disabled = awaitStatus(ALICE, second, "disabled");

    assertThat(disabled.path("problem").asText()).isEqualTo("the receiver takes no more callbacks");
    assertThat(disabled.at("/receiver/disabled_at").asText()).isNotEmpty();
    assertThat(calls()).hasSize(1);
    HttpResponse<String> replay =
        call(
            ALICE,
            "POST",
            "/batch/callbacks/%s/replay".formatted(disabled.path("id").asText()),
            "");
    assertThat(replay.statusCode()).as(replay.body()).isEqualTo(202);
    awaitStatus(ALICE, second, "delivered");
    assertThat(calls()).hasSize(2);
  }

  @Test
  void ignoresEndlessAnswer() throws Exception {
    RECEIVERS.put(hook, n -> Reply.of(200, new byte[40_000_000]));

    awaitStatus(ALICE, end(ALICE, url()), "delivered");
  }

  @Test
  void leavesOthersAloneWhileReceiverStalls() throws Exception {
    var hang = new CountDownLatch(1);
    RECEIVERS.put(
        hook,
        n -> {
          try {
            hang.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return answer(200);
        });
    RECEIVERS.put(hook + "-other", n -> answer(200));
    for (int i = 0; i < 30; i++) {
      end(ALICE, url());
    }
    awaitCalls(1);

    String other = "http://localhost:%d%s-other".formatted(receivers.port(), hook);
    List<String> ended =
        IntStream.range(0, 5)
            .mapToObj(i -> {
              try {
                return end(i % 2 == 0 ? ALICE : BOB, other);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            })
            .toList();
    for (String id : ended) {
      awaitStatus(OPERATOR, id, "delivered");
    }
    assertThat(calls()).as("a host has only a share of the senders").hasSizeLessThanOrEqualTo(8);
    hang.countDown();
    awaitCalls(30);
  }

  @Test
  void pausesBrokenReceiverAndReplaysRange(CapturedOutput output) throws Exception {
    var works = new AtomicBoolean();
    RECEIVERS.put(hook, n -> answer(works.get() ? 200 : 500));
    String from = CLOCK.instant().toString();
    List<String> ids =
        IntStream.range(0, 12)
            .mapToObj(i -> {
              try {
                return end(BOB, url());
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            })
            .toList();
    JsonNode paused =
        await()
            .until(
                () -> callback(BOB, ids.getLast()),
                it -> it.at("/receiver/failures").asInt() >= 10);

    assertThat(paused.at("/receiver/paused_until").asText()).isNotEmpty();
    assertThat(output.getAll())
        .contains("callbacks of client bob to 127.0.0.1 are paused after 10");
    assertThat(output.getAll()).doesNotContain(hook);
    works.set(true);
    HttpResponse<String> replay =
        call(BOB, "POST", "/batch/callbacks/replay", "{\"from\": \"%s\"}".formatted(from));
    assertThat(replay.statusCode()).as(replay.body()).isEqualTo(202);
    assertThat(json(replay).path("replayed").asInt()).isEqualTo(12);
    for (String id : ids) {
      awaitStatus(BOB, id, "delivered");
    }
    assertThat(json(call(BOB, "GET", "/batch/callbacks?status=failed", "")).path("data")).isEmpty();
  }

  @Test
  void givesUpAfterTenAttempts() throws Exception {
    RECEIVERS.put(hook, n -> answer(500));
    String id = end(BOB, url());
    for (int attempt = 1; attempt < 10; attempt++) {
      int attempts = attempt;
      JsonNode failed =
          await().until(() -> callback(BOB, id), it -> it.path("attempts").asInt() == attempts);
      Instant next = Instant.parse(failed.path("next_attempt_at").asText());
      CLOCK.shift(Duration.between(CLOCK.instant(), next));
    }

    JsonNode exhausted = awaitStatus(BOB, id, "exhausted");

    assertThat(exhausted.path("attempts").asInt()).isEqualTo(10);
    assertThat(exhausted.path("next_attempt_at").isNull()).isTrue();
    assertThat(calls()).hasSize(10);
  }

  @Test
  void showsClientsTheirOwn() throws Exception {
    RECEIVERS.put(hook, n -> answer(200));
    String id = end(ALICE, url());
    awaitStatus(ALICE, id, "delivered");
    String callback = id.replaceFirst("req_", "msg_");

    assertThat(callback(OPERATOR, id).path("client").asText()).isEqualTo("alice");
    assertThat(callback(ALICE, id).has("client")).isFalse();
    assertThat(callback(BOB, id).path("request_id").asText()).isNotEqualTo(id);
    assertThat(call(BOB, "POST", "/batch/callbacks/%s/replay".formatted(callback), "").statusCode())
        .isEqualTo(404);
    assertThat(call(ALICE, "GET", "/batch/callbacks?status=lost", "").statusCode()).isEqualTo(400);
    assertThat(call(ALICE, "POST", "/batch/callbacks/replay", "{}").statusCode()).isEqualTo(400);
    assertThat(call(ALICE, "POST", "/batch/callbacks/replay", "{\"since\": 1}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void refusesCallbackWithoutSecret() throws Exception {
    HttpResponse<String> refused = order(CAROL, url());

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).path("code").asText()).isEqualTo("callback_secret_missing");
    assertThat(json(refused).path("detail").asText()).contains("CARAVAN_CALLBACK_SECRET_CAROL");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://10.0.0.1/x",
        "http://[::1]/x",
        "http://[::ffff:169.254.169.254]/",
        "http://sub.localhost/x",
        "ftp://example.com/x",
        "https://user@example.com/x",
        "https://example.com:99999/x",
        "https://example.com/{{env:PATH}}",
        "http://2130706433/",
        "/x"
      })
  void refusesOtherUrls(String url) throws Exception {
    HttpResponse<String> refused = order(ALICE, url);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(json(refused).path("code").asText()).isEqualTo("invalid_callback_url");
    assertThat(json(refused).path("param").asText()).isEqualTo("callback_url");
  }

  /** With real names: this one resolves to 127.0.0.1, and was permitted when it was queued. */
  @Test
  void continuesAfterRestartWithCheckedAddresses(@TempDir Path other) throws Exception {
    RECEIVERS.put(hook, n -> answer(n == 1 ? 503 : 200).with("Retry-After", "60"));
    TestCaravan first =
        TestCaravan.in(other)
            .at(provider)
            .withClock(CLOCK)
            .with("caravan.queue.callback-hosts", "localhost")
            .with("CARAVAN_CALLBACK_SECRET", BOBS);
    TestCaravan before = caravan;
    try (first) {
      caravan = first.start();
      String id = end("", "http://localhost:%d%s".formatted(receivers.port(), hook));
      awaitStatus("", id, "failed");
      first.stop();

      first.with("caravan.queue.callback-hosts", "").start();
      CLOCK.shift(Duration.ofSeconds(70));
      await()
          .until(
              () -> callback("", id).path("problem").asText(),
              it ->
                  it.equals(
                      "host localhost has no public address; an operator can permit it by caravan.queue.callback-hosts"));
      assertThat(calls()).hasSize(1);
      first.stop();

      first.with("caravan.queue.callback-hosts", "localhost").start();
      CLOCK.shift(Duration.ofMinutes(10));
      awaitStatus("", id, "delivered");
      assertThat(calls())
          .hasSize(2)
          .extracting(it -> it.headers().get("webhook-id"))
          .containsOnly(id.replaceFirst("req_", "msg_"));
    } finally {
      caravan = before;
    }
  }
}

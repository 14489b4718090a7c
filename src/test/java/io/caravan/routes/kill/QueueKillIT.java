package io.caravan.routes.kill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.kill.Boundaries;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.RawHttp;
import io.caravan.routes.fake.RawHttp.Call;
import io.caravan.routes.fake.RawHttp.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the packaged application before and after each write of the queue and each callback, by its
 * name; then each request that was sent has one answer, is paid once, and its receiver was called,
 * with one id if several times.
 */
class QueueKillIT {
  private static final int REQUESTS = 20;
  private static final String SECRET = "whsec_c2VjcmV0LWZvci10ZXN0cy1vZi1raWxscy1vbmx5";
  private static final Duration LONGEST_LIFE = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private String hook = "";
  private final List<String> sent = new ArrayList<>();
  private final int port = freePort();
  private final Map<String, Set<String>> callbacks = new ConcurrentHashMap<>();

  private static int freePort() {
    try {
      return TestCaravan.freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void keepsRequestsAndCallbacksThatWereTaken() throws Exception {
    killAt(
        List.of(
            "before accepted", // the requests are taken, and their job is stored
            "before record callback PENDING")); // the receiver has taken the call
  }

  @Test
  @Tag("thorough")
  void survivesKillAtEachWrite() throws Exception {
    killAt(
        IntStream.range(0, 2)
            .mapToObj(i -> i == 0 ? "before " : "after ")
            .flatMap(when ->
                List.of(
                        "add",
                        "take",
                        "accepted",
                        "claimToAnswer",
                        "end",
                        "endRest FAILED",
                        "answered")
                    .stream()
                    .map(when::concat))
            .toList());
  }

  @Test
  @Tag("thorough")
  void survivesKillAtEachCallback() throws Exception {
    killAt(
        List.of(
            "after claim callback PENDING",
            "before post-callback",
            "after post-callback",
            "before record callback PENDING",
            "after record callback PENDING"));
  }

  private void killAt(List<String> boundaries) throws Exception {
    Path agent = AgentJar.write(folder.resolve("agent.jar"));
    try (var receiver = new RawHttp(this::receive);
        var provider = new CountingProvider().withBatchesOf(Duration.ofMillis(100));
        HttpClient http = HttpClient.newHttpClient()) {
      hook = "http://127.0.0.1:%d/hook".formatted(receiver.port());
      for (String boundary : boundaries) {
        killAt(boundary, agent, provider, http);
      }
      Map<String, String> answers = finish(provider, http);

      assertThat(answers).containsOnlyKeys(sent);
      assertThat(answers.values()).containsOnly("completed");
      assertThat(provider.account().paid())
          .containsOnlyKeys(sent)
          .allSatisfy((customId, times) -> assertThat(times).isOne());
      assertThat(callbacks)
          .containsOnlyKeys(sent)
          .allSatisfy((customId, ids) -> assertThat(ids).as(customId).hasSize(1));
    }
  }

  private Reply receive(Call call) {
    callbacks
        .computeIfAbsent(
            Outcome.parse(new String(call.body(), UTF_8)).at("/data/custom_id").asText(),
            customId -> ConcurrentHashMap.newKeySet())
        .add(call.headers().get("webhook-id"));
    return Reply.of(204, new byte[0]);
  }

  private CaravanProcess start(CountingProvider provider, Map<String, String> more)
      throws IOException {
    var variables = new HashMap<>(provider.variables());
    variables.putAll(
        Map.of(
            "SERVER_PORT", "" + port,
            "SPRING_MAIN_WEBAPPLICATIONTYPE", "servlet",
            "CARAVAN_POLL_INITIAL", "50ms",
            "CARAVAN_POLL_MAX", "100ms",
            "CARAVAN_RETRY_INITIAL", "50ms",
            "CARAVAN_RETRY_MAX", "200ms",
            "CARAVAN_QUEUE_CALLBACK_HOSTS", "127.0.0.1",
            "CARAVAN_CALLBACK_SECRET", SECRET));
    variables.putAll(more);
    return CaravanProcess.start(folder, variables, "serve");
  }

  /** Sends requests until the kill; the client repeats calls that were not answered. */
  private void killAt(String boundary, Path agent, CountingProvider provider, HttpClient http)
      throws Exception {
    try (CaravanProcess caravan =
        start(
            provider,
            Map.of(
                "JAVA_OPTS",
                "-XX:TieredStopAtLevel=1 -javaagent:" + agent,
                Boundaries.AT,
                boundary,
                Boundaries.RECORD,
                "" + folder.resolve("record")))) {
      awaitReadyOrDead(caravan, http); // work left by the last kill may lead there before
      var stem = "%s-%d".formatted(boundary.replace(' ', '-'), sent.size());
      IntStream.range(0, REQUESTS).mapToObj(i -> stem + "-" + i).forEach(sent::add);
      try {
        sendAll(http, sent.subList(sent.size() - REQUESTS, sent.size()));
        call(http, "POST", "/batch/process/all", "", "");
      } catch (IOException e) {
        // killed meanwhile
      }
      await("kill at " + boundary)
          .atMost(LONGEST_LIFE)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !caravan.isAlive());
    }
  }

  private void awaitReadyOrDead(CaravanProcess caravan, HttpClient http) {
    await("readiness")
        .atMost(LONGEST_LIFE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(() ->
            !caravan.isAlive()
                || call(http, "GET", "/actuator/health/readiness", "", "").statusCode() == 200);
  }

  private Map<String, String> finish(CountingProvider provider, HttpClient http) throws Exception {
    try (CaravanProcess caravan = start(provider, Map.of()).awaitReady(port)) {
      sendAll(http, sent);
      call(http, "POST", "/batch/process/all", "", "");
      try {
        Map<String, String> answers =
            await("all answers")
                .atMost(LONGEST_LIFE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> answers(http), QueueKillIT::allHaveEnded);
        await("all callbacks")
            .atMost(LONGEST_LIFE)
            .pollInterval(Duration.ofMillis(100))
            .until(() -> delivered(http) == sent.size());
        return answers;
      } catch (ConditionTimeoutException e) {
        throw new AssertionError(caravan.output(), e);
      }
    }
  }

  private static boolean allHaveEnded(Map<String, String> answers) {
    return !answers.containsValue("queued") && !answers.containsValue("submitted");
  }

  private long delivered(HttpClient http) throws IOException, InterruptedException {
    String path = "/batch/callbacks?status=delivered&limit=1000";
    return Outcome.parse(call(http, "GET", path, "", "").body()).path("data").size();
  }

  private void sendAll(HttpClient http, List<String> customIds)
      throws IOException, InterruptedException {
    for (String customId : customIds) {
      String body =
          """
          {"custom_id": "%s", "callback_url": "%s", "data": {"model": "gpt-4.1-mini", "messages": []}}\
          """
              .formatted(customId, hook);
      HttpResponse<String> answer = call(http, "POST", "/batch/queue", body, customId);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    }
  }

  private Map<String, String> answers(HttpClient http) throws IOException, InterruptedException {
    var answers = new HashMap<String, String>();
    JsonNode page = Outcome.parse(call(http, "GET", "/batch/requests?limit=1000", "", "").body());
    for (JsonNode request : page.path("data")) {
      assertThat(answers.put(request.path("custom_id").asText(), request.path("status").asText()))
          .isNull();
    }
    return answers;
  }

  private HttpResponse<String> call(
      HttpClient http, String method, String path, String body, String key)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Idempotency-Key", key);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }
}

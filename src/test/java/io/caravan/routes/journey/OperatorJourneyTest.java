package io.caravan.routes.journey;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static io.caravan.routes.Line.chats;
import static io.caravan.routes.fake.FakeOpenAi.BATCH;
import static io.caravan.routes.fake.FakeOpenAi.BATCHES;
import static io.caravan.routes.fake.FakeOpenAi.FILES;
import static io.caravan.routes.fake.FakeOpenAi.answered;
import static io.caravan.routes.fake.FakeOpenAi.batch;
import static io.caravan.routes.fake.FakeOpenAi.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.FakeOpenAi;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

/** Tests operator calls over HTTP for jobs in the shipped routes. */
@ExtendWith(OutputCaptureExtension.class)
class OperatorJourneyTest {
  private static final String TOKEN = "operators-only-0123456789";
  private static final String CANCEL = BATCH + "/cancel";

  private static final String BROKEN =
      """
              - throwException:
                  id: broken
                  exceptionType: java.lang.IllegalStateException
                  message: a mistake in a route
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private FakeOpenAi openai;
  private Path routes;
  private TestCaravan caravan;

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    openai = new FakeOpenAi();
    givesContentsOnly();
    routes = folder.resolve("routes");
    FileSystemUtils.copyRecursively(Path.of("routes"), routes);
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.provider", "openai")
            .with("caravan.providers.openai.base-url", openai.baseUrl())
            .with("caravan.providers.openai.api-key", "sk-1")
            .with("caravan.providers.openai.list-lag", "0s")
            .with("caravan.retry.park-after", 1)
            .with("caravan.operator.token", TOKEN);
  }

  @AfterEach
  void stop() {
    caravan.close();
    http.close();
    openai.close();
  }

  @Test
  void keepsFinishedRequestsOfACancelledBatch() throws Exception {
    openai.saysOfTheBatch(batch("in_progress"));
    openai.says(post(CANCEL), okJson(batch("cancelling").json()));
    caravan.start().drop("x.jsonl", chats("x", 3));
    openai.awaitCall("GET", BATCH);
    String job = theJob();

    HttpResponse<String> answer = send("POST", "/" + job + "/cancel", TOKEN);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(message(answer)).contains("1 of 1 part is at the provider and will be cancelled");
    openai.awaitCall("POST", CANCEL);
    openai.saysOfTheBatch(batch("cancelling"));
    openai.hasOutput(answered("r-2"));
    openai.saysOfTheBatch(batch("cancelled").withOutput());
    Outcome outcome = caravan.awaitReport("x").counts(3, 1, 2);
    assertThat(outcome.resultIds()).containsExactly("r-2");
    assertThat(outcome.codeOf("r-1")).isEqualTo("job_cancelled");
    assertThat(outcome.codeOf("r-3")).isEqualTo("job_cancelled");
    assertThat(openai.heard("POST", CANCEL)).hasSize(1);
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
    await("the row, which ends after the report") //
        .until(() -> send("POST", "/" + job + "/cancel", TOKEN).statusCode() == 409);
  }

  @Test
  @Tag("thorough")
  void sendsNothingOfAJobCancelledBeforeSubmission() throws Exception {
    openai.says(post(urlPathEqualTo(FILES)), aResponse().withStatus(503));
    caravan.with("caravan.retry.initial", "1h").with("caravan.retry.max", "1h").start();
    caravan.drop("x.jsonl", chats("x", 2));
    openai.awaitCall("POST", FILES);
    String job = theJob();
    await().until(() -> job(job).path("waits_for").toString().contains("503"));

    send("POST", "/" + job + "/cancel", TOKEN);

    Outcome outcome = caravan.awaitReport("x").counts(2, 0, 2);
    assertThat(outcome.codeOf("r-1")).isEqualTo("job_cancelled");
    assertThat(openai.heard("POST", FILES)).hasSize(1);
    assertThat(openai.heard("POST", BATCHES)).isEmpty();
    assertThat(openai.heard("POST", CANCEL)).isEmpty();
  }

  @Test
  @Tag("thorough")
  void cancelsAJobWhoseProviderRefusesTheKey() throws Exception {
    openai.says(post(urlPathEqualTo(FILES)), aResponse().withStatus(401));
    caravan.with("caravan.retry.pause", "1h").start();
    caravan.drop("first.jsonl", chats("first", 1));
    await().until(() -> job(theJob()).path("waits_for").toString().contains("401"));
    caravan.drop("x.jsonl", chats("x", 1));
    await().until(() -> nameOf(theJob()).equals("x.jsonl"));
    String job = theJob();
    await().until(() -> job(job).path("status").asText().equals("in_progress"));

    send("POST", "/" + job + "/cancel", TOKEN);

    caravan.awaitReport("x").counts(1, 0, 1);
    assertThat(openai.heard("POST", FILES)).hasSize(1);
  }

  @Test
  void resendsFailedRequestsOfAFinishedJobOnce() throws Exception {
    openai.saysOfTheBatch(batch("completed").withOutput().withErrors());
    openai.hasOutput(answered("r-1"), answered("r-3"));
    openai.hasErrors(refused("r-2", 400, "Not now."));
    String[] lines = chats("x", 3);
    caravan.start().drop("x.jsonl", lines);
    String job = caravan.awaitReport("x").counts(3, 2, 1).job();
    openai.reset();
    givesContentsOnly();
    openai.saysOfTheBatch(batch("in_progress"));

    HttpResponse<String> retried = send("POST", "/" + job + "/retry", TOKEN);

    String retry = json(retried).path("job").asText();
    assertThat(message(retried)).contains("1 failed request of job " + job, retry);
    openai.awaitCall("GET", BATCH);
    HttpResponse<String> twice = send("POST", "/" + job + "/retry", TOKEN);
    assertThat(twice.statusCode()).isEqualTo(409);
    assertThat(message(twice)).contains("is being sent again as job " + retry);

    openai.hasOutput(answered("r-2"));
    openai.saysOfTheBatch(batch("completed").withOutput());
    Outcome outcome = caravan.awaitAnotherReport("x").counts(1, 1, 0);
    assertThat(outcome.job()).isEqualTo(retry);
    assertThat(outcome.report().path("retry_of").asText()).isEqualTo(job);
    assertThat(openai.heard("POST", FILES).getFirst().getParts())
        .anySatisfy(part -> assertThat(part.getBody().asString()).isEqualTo(lines[1] + "\n"));
    assertThat(message(send("POST", "/" + job + "/retry", TOKEN)))
        .contains("was sent again as job " + retry);
    assertThat(message(send("POST", "/" + retry + "/retry", TOKEN)))
        .contains("has a result for each request");
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
  }

  @Test
  @Tag("thorough")
  void reportsParkedJobs(CapturedOutput output) throws Exception {
    openai.saysOfTheBatch(batch("completed").withOutput());
    openai.hasOutput(answered("r-1"));
    Path pipeline = routes.resolve("pipelines/default.camel.yaml");
    String good = Files.readString(pipeline);
    String step = "        - setHeader:\n            id: default-results-name\n";
    assertThat(good).contains(step);
    Files.writeString(pipeline, good.replace(step, BROKEN + step));
    caravan.start().drop("x.jsonl", chats("x", 1));
    String job = theJob();

    await().until(() -> !job(job).path("parked_at").isNull());
    JsonNode jobs = health();
    assertThat(jobs.path("status").asText()).isEqualTo("DOWN");
    assertThat(jobs.at("/details/parkedJobs/0").asText()).isEqualTo(job);
    assertThat(jobs.at("/details/undelivered").asInt()).isEqualTo(1);
    assertThat(jobs.at("/details/lastSetback").asText()).contains("a mistake in a route");
    assertThat(ask("/actuator/prometheus").body())
        .contains("caravan_jobs_parked 1.0")
        .contains("caravan_jobs_undelivered 1.0");
    assertThat(ask("/actuator/health/readiness").statusCode()).isEqualTo(200);

    caravan.stop();
    Files.writeString(pipeline, good);
    caravan.start();
    assertThat(output.getAll())
        .contains("1 job is parked, waiting for an operator: %s (x.jsonl)".formatted(job));
    assertThat(message(send("POST", "/" + job + "/retry", TOKEN)))
        .contains("was parked and resumes now", "a mistake in a route");

    caravan.awaitReport("x").counts(1, 1, 0);
    await().until(() -> health().path("status").asText().equals("UP"));
    assertThat(openai.heard("POST", BATCHES)).hasSize(1);
    assertThat(output.getAll()).doesNotContain(TOKEN);
  }

  @Test
  void requiresTheOperatorToken() throws Exception {
    caravan.start();

    assertThat(send("GET", "", TOKEN).statusCode()).isEqualTo(200);
    for (String path : new String[] {"", "/x", "/x/cancel", "/no/such/path", "/%2e%2e/jobs"}) {
      HttpResponse<String> answer = send("POST", path, "wrong-token-0123456789");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(json(answer).at("/error/code").asText()).isEqualTo("invalid_api_key");
    }
    assertThat(send("POST", "/x/cancel", TOKEN).statusCode()).isEqualTo(404);
    assertThat(message(send("GET", "?limit=0", TOKEN))).contains("limit");
    assertThat(message(send("GET", "?limit=x", TOKEN))).contains("limit");
    HttpResponse<String> wrong = send("DELETE", "/x", TOKEN);
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(message(wrong)).contains("DELETE");
    assertThat(message(send("GET", "/no/such/path", TOKEN))).contains("/no/such/path");
  }

  @Test
  void refusesAllWithoutAConfiguredToken() throws Exception {
    caravan.with("caravan.operator.token", "").start();

    HttpResponse<String> answer = send("GET", "", "");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(message(answer)).contains("Set CARAVAN_OPERATOR_TOKEN");
    assertThat(ask("/actuator/health/liveness").statusCode()).isEqualTo(200);
  }

  /** Serves contents but no file objects, like some compatible servers. */
  private void givesContentsOnly() {
    openai.says(get(urlPathMatching("/v1/files/[^/]+")), aResponse().withStatus(404));
  }

  /** The id of the newest job. */
  private String theJob() {
    return await()
        .until(
            () -> json(send("GET", "?limit=1", TOKEN)).at("/jobs/0/id").asText(),
            id -> !id.isEmpty());
  }

  private String nameOf(String id) throws Exception {
    return job(id).path("name").asText();
  }

  private JsonNode job(String id) throws Exception {
    return json(send("GET", "/" + id, TOKEN));
  }

  private JsonNode health() throws Exception {
    return json(ask("/actuator/health")).at("/components/jobs");
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Outcome.parse(answer.body());
  }

  private static String message(HttpResponse<String> answer) {
    JsonNode body = json(answer);
    return body.path("message").asText(body.at("/error/message").asText());
  }

  private HttpResponse<String> ask(String path) throws Exception {
    return send(request(path).build());
  }

  private HttpResponse<String> send(String method, String path, String token) throws IOException {
    return caravan.operate(method, path, token);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(caravan.address() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, BodyHandlers.ofString());
  }
}

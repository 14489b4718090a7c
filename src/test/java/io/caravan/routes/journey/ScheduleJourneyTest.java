package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests files and requests that are held until their time. */
class ScheduleJourneyTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;
  private final TestTime time = new TestTime();
  private CountingProvider provider;
  private TestCaravan caravan;

  @BeforeEach
  void prepare() throws IOException {
    provider = new CountingProvider().withBatchesOf(Duration.ofMillis(50));
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .withClock(time)
            .with("caravan.zone", "Europe/Berlin")
            .with("caravan.intake.quiet", "0ms");
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  private void startAt(String now, String schedule) {
    moveTo(now);
    caravan.with("caravan.schedule", schedule).start();
  }

  private void moveTo(String now) {
    time.shift(Duration.between(time.instant(), Instant.parse(now)));
  }

  private JsonNode scheduler() throws IOException {
    return JSON.readTree(caravan.ask("/batch/scheduler"));
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(caravan.address() + path))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    }
  }

  private static String line(String id) {
    return """
    {"custom_id": "%s", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "hi"}]}}\
    """
        .formatted(id);
  }

  /** Drops a file and waits until it is held. */
  private JsonNode held(String name) throws IOException {
    caravan.drop(name + ".jsonl", line(name));
    return await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(com.fasterxml.jackson.core.JsonProcessingException.class)
        .until(
            () -> scheduler().path("held").path(0),
            it ->
                it.path("name").asText().equals(name + ".jsonl")
                    && it.path("requests").asInt() == 1);
  }

  @Tag("thorough")
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "02:00 | 2026-11-30T20:00:00Z | 2026-12-01T01:00:00Z",
        "02:30 | 2026-03-28T20:00:00Z | 2026-03-29T01:30:00Z",
        "02:30 | 2026-10-24T20:00:00Z | 2026-10-25T00:30:00Z",
        "0 2 * * MON America/New_York | 2026-11-28T20:00:00Z | 2026-11-30T07:00:00Z",
        "22:00-06:00 | 2026-11-30T20:00:00Z | 2026-11-30T21:00:00Z"
      })
  void holdsAFileUntilItsTime(String schedule, String now, String then) throws Exception {
    startAt(now, schedule);

    JsonNode job = held("x");

    assertThat(job.path("send_at").asText()).isEqualTo(then);
    assertThat(job.path("waits_for").asText()).contains("scheduled for").contains(schedule);
    assertThat(provider.calls("upload")).isZero();
    moveTo(Instant.parse(then).minusSeconds(60).toString());
    await().during(Duration.ofSeconds(1)).until(() -> provider.calls("upload") == 0);
    moveTo(then);
    assertThat(caravan.awaitReport("x").results()).hasSize(1);
    assertThat(provider.account().batches()).hasSize(1);
  }

  @Tag("thorough")
  @Test
  void sendsOnceAfterADowntimeThatCoversTheTime() throws Exception {
    startAt("2026-11-30T20:00:00Z", "02:00");
    held("x");
    caravan.stop();

    moveTo("2026-12-01T09:00:00Z");
    caravan.start();

    assertThat(caravan.awaitReport("x").results()).hasSize(1);
    assertThat(provider.account().batches()).hasSize(1);
  }

  @Test
  void staysStoppedOverARestartUntilItIsStarted() throws Exception {
    startAt("2026-11-30T20:00:00Z", "02:00");
    held("x");
    assertThat(JSON.readTree(post("/batch/scheduler/stop", "").body()).path("state").asText())
        .isEqualTo("stopped");
    caravan.stop();
    moveTo("2026-12-05T09:00:00Z"); // later than caravan.max-wait after its time
    caravan.start();

    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(60))
        .until(() -> scheduler().at("/held/0/waits_for").asText().contains("stopped since"));
    assertThat(caravan.ask("/actuator/health")).contains("\"state\":\"stopped\"");
    assertThat(provider.calls("upload")).isZero();

    post("/batch/scheduler/start", "");

    assertThat(caravan.awaitReport("x").results()).hasSize(1);
    assertThat(scheduler().path("state").asText()).isEqualTo("running");
  }

  @Tag("thorough")
  @Test
  void sendsNowWhatAPipelineHolds() throws Exception {
    startAt("2026-11-30T12:00:00Z", "22:00-06:00");
    String id = held("x").path("job").asText();

    HttpResponse<String> unknown = post("/batch/scheduler/run-now?pipeline=none", "");
    HttpResponse<String> sent = post("/batch/scheduler/run-now?pipeline=default", "");

    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(JSON.readTree(sent.body()).at("/jobs/0").asText()).isEqualTo(id);
    assertThat(caravan.awaitReport("x").results()).hasSize(1);
    assertThat(scheduler().path("held")).isEmpty();
  }

  @Tag("thorough")
  @Test
  void sendsTheRequestsOfAQueueAtItsTime() throws Exception {
    startAt("2026-11-30T20:00:00Z", "02:00");
    String order =
        "{\"data\": {\"model\": \"gpt-4.1-mini\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}}";
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> post("/batch/queue", order).statusCode() == 202);

    moveTo("2026-12-01T00:59:00Z"); // longer than maxAge
    assertThat(JSON.readTree(caravan.ask("/batch/queue/status")).at("/groups/0/waits_for").asText())
        .isEqualTo("scheduled for 2026-12-01T02:00:00+01:00 (schedule 02:00)");
    await().during(Duration.ofSeconds(1)).until(() -> provider.calls("upload") == 0);
    moveTo("2026-12-01T01:00:00Z");

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> caravan.ask("/batch/requests?status=completed").contains("req_"));
  }
}

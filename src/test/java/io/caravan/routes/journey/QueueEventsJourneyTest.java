package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.queue.wait.Waiters;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that wait for queued requests: long polls and events. */
@Tag("thorough")
class QueueEventsJourneyTest {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    caravan = TestCaravan.in(folder).start();
    awaitQueue(caravan);
  }

  /** Queues a request; routes are loaded after the start. */
  private static String awaitQueue(TestCaravan started) {
    var post =
        HttpRequest.newBuilder(URI.create(started.address() + "/batch/queue"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(embedding("")))
            .build();
    return await()
        .until(
            () -> json(HTTP.send(post, BodyHandlers.ofString())).path("id").asText(),
            id -> !id.isEmpty());
  }

  @Test
  void holdsCallUntilRequestEnds() throws Exception {
    String id = queue("");
    HttpResponse<String> queued = get("/batch/requests/" + id, "Prefer", "wait=1");
    assertThat(json(queued).path("status").asText()).isEqualTo("queued");
    assertThat(queued.headers().firstValue("Preference-Applied")).contains("wait=1");
    String tag = queued.headers().firstValue("ETag").orElseThrow();
    assertThat(get("/batch/requests/" + id, "Prefer", "wait=1", "If-None-Match", tag).statusCode())
        .isEqualTo(304);

    var changed =
        getLater("/batch/requests/" + id, "Prefer", "respond-async, wait=60", "If-None-Match", tag);
    var ended = getLater("/batch/requests/" + id, "Prefer", "wait=60");
    process();

    assertThat(json(changed.get(1, TimeUnit.MINUTES)).path("status").asText())
        .isNotEqualTo("queued");
    assertThat(json(ended.get(1, TimeUnit.MINUTES)).path("status").asText()).isEqualTo("completed");
    assertThat(get("/batch/requests/" + id, "Prefer", "wait=60").statusCode()).isEqualTo(200);
  }

  @Test
  void sendsEachEventOnceAndReplaysWhatWasMissed() throws Exception {
    try (var all = new Events("?job_type=watched")) {
      assertThat(all.answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      assertThat(all.answer.headers().firstValue("X-Accel-Buffering")).contains("no");
      List<String> ids = Stream.of(queue("watched"), queue("watched"), queue("watched")).toList();
      String other = queue("");
      process();

      await().until(() -> all.ids(), hasSize(3));
      getLater("/batch/requests/" + other, "Prefer", "wait=60").get(1, TimeUnit.MINUTES);
      assertThat(all.ids()).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(all.lines).contains("event: request.completed");

      String second = all.eventIds().get(1);
      try (var again = new Events("?job_type=watched", "Last-Event-ID", second)) {
        await().until(() -> again.ids(), hasSize(1));
        assertThat(again.ids()).containsExactly(all.ids().get(2));
      }
    }
  }

  @Test
  void endsStreamOfOneRequestWithItsEvent() throws Exception {
    String id = queue("");
    try (var one = new Events("?request=" + id)) {
      assertThat(send(request("/batch/requests/" + id).DELETE()).statusCode()).isEqualTo(200);

      assertThat(one.ended.get(1, TimeUnit.MINUTES)).isNull();
      assertThat(one.lines).contains("event: request.cancelled");
      assertThat(
              get("/batch/events?request=" + id, "Last-Event-ID", one.eventIds().getFirst())
                  .statusCode())
          .isEqualTo(204);
    }
    try (var late = new Events("?request=" + id)) {
      assertThat(late.ended.get(1, TimeUnit.MINUTES)).isNull();
      assertThat(late.ids()).containsExactly(id);
    }
  }

  @Test
  void refusesUnknownEvent() throws Exception {
    assertThat(get("/batch/events", "Last-Event-ID", "x'; --").statusCode()).isEqualTo(400);
    assertThat(get("/batch/events?request=req_none").statusCode()).isEqualTo(404);
  }

  @Test
  void endsHeldCallsAndStreamsAtStop(@TempDir Path folder) throws Exception {
    try (var other = TestCaravan.in(folder).start()) {
      String id = awaitQueue(other);
      var held =
          HTTP.sendAsync(
              HttpRequest.newBuilder(URI.create(other.address() + "/batch/requests/" + id))
                  .header("Prefer", "wait=120")
                  .build(),
              BodyHandlers.ofString());
      var stream =
          HTTP.sendAsync(
              HttpRequest.newBuilder(URI.create(other.address() + "/batch/events")).build(),
              BodyHandlers.ofString());
      Waiters waiters = other.application().getBean(Waiters.class);
      await().until(() -> !waiters.isIdle());

      long began = System.nanoTime();
      other.stop();

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
      HttpResponse<String> answer = held.get(1, TimeUnit.MINUTES);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(stream.get(1, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
    }
  }

  private static Predicate<List<String>> hasSize(int size) {
    return list -> list.size() == size;
  }

  private String queue(String jobType) throws Exception {
    return json(send(
            request("/batch/queue")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(embedding(jobType)))))
        .path("id")
        .asText();
  }

  private static String embedding(String jobType) {
    return """
    {"url": "/v1/embeddings", "job_type": "%s", "data": {"model": "all-MiniLM-L6-v2", "input": "hello"}}
    """
        .formatted(jobType);
  }

  private void process() throws Exception {
    send(request("/batch/process/all").POST(BodyPublishers.noBody()));
  }

  private static HttpRequest.Builder request(String path, String... headers) {
    var request = HttpRequest.newBuilder(URI.create(caravan.address() + path));
    return headers.length == 0 ? request : request.headers(headers);
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    return send(request(path, headers));
  }

  private CompletableFuture<HttpResponse<String>> getLater(String path, String... headers) {
    return HTTP.sendAsync(request(path, headers).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    return Outcome.parse(answer.body());
  }

  /** A stream of events, read as it arrives. */
  private static final class Events implements AutoCloseable {
    final HttpResponse<InputStream> answer;
    final List<String> lines = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> ended;

    Events(String query, String... headers) throws Exception {
      answer =
          HTTP.send(
              request("/batch/events" + query, headers).build(), BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      ended = CompletableFuture.runAsync(this::read);
    }

    private void read() {
      try (var reader =
          new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
        reader.lines().forEach(lines::add);
      } catch (IOException | UncheckedIOException e) {
        // closed by the test
      }
    }

    List<String> eventIds() {
      return values("id: ");
    }

    List<String> ids() {
      return values("data: ").stream().map(it -> Outcome.parse(it).path("id").asText()).toList();
    }

    private List<String> values(String field) {
      return lines.stream()
          .filter(line -> line.startsWith(field))
          .map(line -> line.substring(field.length()))
          .toList();
    }

    @Override
    public void close() throws IOException {
      answer.body().close();
    }
  }
}

package io.caravan.routes.kill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.caravan.job.PostgresServer;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the embedded server while it runs a batch. */
class ServerKillIT {
  private static final Random RANDOM = new Random(20260505);
  private static final int IN_FLIGHT = 16;

  /** Based on the lease set here; others poll for work five times per lease. */
  private static final Duration LONGEST_TAKEOVER = Duration.ofSeconds(6);

  @TempDir private Path folder;

  @Tag("scaled")
  @Test
  void losesAndRepeatsNothingWhenKilledAtRandom() throws Exception {
    int requests = Integer.getInteger("kill.requests", 20_000);
    int port = TestCaravan.freePort();
    OpenAIClient client = client(port);
    try (var upstream = new Upstream()) {
      Map<String, String> variables = variables(upstream, port);
      CaravanProcess caravan = CaravanProcess.start(folder, variables).awaitReady(port);
      Batch batch = create(client, requests);
      List<Integer> moments = RANDOM.ints(2, 1, requests).sorted().boxed().toList();
      for (int moment : moments) {
        awaitHeard(upstream, moment);
        caravan.kill();
        caravan = CaravanProcess.start(folder, variables);
      }
      try (var last = caravan) {
        assertWhole(client, awaitEnd(client, batch), requests);
        assertThat(upstream.heard())
            .as(last.output())
            .isBetween(requests, requests + moments.size() * IN_FLIGHT);
      }
    }
  }

  @Tag("thorough")
  @Test
  void losesAndRepeatsNothingAfterATakeover() throws Exception {
    int requests = 3_000;
    int[] ports = {TestCaravan.freePort(), TestCaravan.freePort()};
    OpenAIClient second = client(ports[1]);
    try (var postgres = PostgresServer.start();
        var upstream = new Upstream().withDelay(Duration.ofMillis(5));
        CaravanProcess killed = replica(postgres, upstream, ports[0], "first");
        CaravanProcess next = replica(postgres, upstream, ports[1], "second")) {
      killed.awaitReady(ports[0]);
      next.awaitReady(ports[1]);
      Batch batch = create(client(ports[0]), requests);
      awaitHeard(upstream, 1 + RANDOM.nextInt(requests - 500));
      killed.kill();
      assertThat(untilHeardAgain(upstream)).isLessThan(LONGEST_TAKEOVER);
      assertWhole(second, awaitEnd(second, batch), requests);
      assertThat(upstream.heard()).isBetween(requests, requests + IN_FLIGHT);
    }
  }

  private CaravanProcess replica(PostgresServer postgres, Upstream upstream, int port, String name)
      throws IOException {
    var variables = new HashMap<>(variables(upstream, port));
    variables.put("CARAVAN_DATABASE_URL", postgres.url());
    variables.put("CARAVAN_DATABASE_LEASE", "2s");
    variables.put("CARAVAN_DATA", folder.resolve("data").toString());
    return CaravanProcess.start(Files.createDirectories(folder.resolve(name)), variables);
  }

  private static Map<String, String> variables(Upstream upstream, int port) {
    return Map.of(
        "SERVER_PORT",
        "" + port,
        "CARAVAN_UPSTREAM_URL",
        upstream.url(),
        "CARAVAN_UPSTREAM_MAXCONCURRENCY",
        "" + IN_FLIGHT);
  }

  private static OpenAIClient client(int port) {
    return OpenAIOkHttpClient.builder()
        .baseUrl("http://127.0.0.1:%d/v1".formatted(port))
        .apiKey("none")
        .maxRetries(0)
        .build();
  }

  private Batch create(OpenAIClient client, int requests) throws IOException {
    Path input = folder.resolve("input.jsonl");
    Files.writeString(input, TestCaravan.text(Line.chats("killed", requests)));
    String file =
        client
            .files()
            .create(FileCreateParams.builder().purpose(FilePurpose.BATCH).file(input).build())
            .id();
    return client
        .batches()
        .create(
            BatchCreateParams.builder()
                .inputFileId(file)
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build());
  }

  private static void awaitHeard(Upstream upstream, int requests) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> upstream.heard() >= requests);
  }

  private static Duration untilHeardAgain(Upstream upstream) {
    Instant killed = Instant.now();
    int before = upstream.heard();
    awaitHeard(upstream, before + IN_FLIGHT);
    return Duration.between(killed, Instant.now());
  }

  private static Batch awaitEnd(OpenAIClient client, Batch batch) {
    return await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(
            () -> client.batches().retrieve(batch.id()),
            now -> Batch.Status.COMPLETED.equals(now.status()));
  }

  private static void assertWhole(OpenAIClient client, Batch batch, int requests)
      throws IOException {
    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(requests);
    assertThat(batch.errorFileId()).isEmpty();
    try (var content = client.files().content(batch.outputFileId().orElseThrow())) {
      assertThat(
              new String(content.body().readAllBytes(), UTF_8)
                  .lines()
                  .map(line -> Outcome.parse(line).path("custom_id").asText()))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.rangeClosed(1, requests).mapToObj(i -> "r-" + i).toList());
    }
  }
}

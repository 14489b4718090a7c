package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Upstream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the process repeatedly while it works on a file. */
@Tag("thorough")
class KillIT {
  private static final int REQUESTS = 3000;
  private static final Random RANDOM = new Random(20260101);

  @Test
  void endsEveryRequestOnceAfterKills(@TempDir Path folder) throws Exception {
    int port = TestCaravan.freePort();
    try (var upstream = new Upstream().withDelay(Duration.ofMillis(8))) {
      Map<String, String> variables =
          Map.of(
              "SERVER_PORT",
              "" + port,
              "CARAVAN_UPSTREAM_URL",
              upstream.url(),
              "CARAVAN_POLL_INITIAL",
              "100ms",
              "CARAVAN_POLL_MAX",
              "500ms");
      Path inbox = Files.createDirectories(folder.resolve("inbox"));
      String[] requests = Line.chats("killed", REQUESTS);
      Files.writeString(inbox.resolve("killed.jsonl"), TestCaravan.text(requests));

      killAfterStart(folder, variables, port);
      killAfterStart(folder, variables, port);
      for (int answers : new int[] {1, REQUESTS / 2, REQUESTS - 1}) {
        killOnceItWasAnswered(answers, folder, variables, upstream);
      }

      try (CaravanProcess last = CaravanProcess.start(folder, variables)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> !Outcome.all(folder.resolve("outbox"), "killed").isEmpty());
        last.awaitReady(port);
        assertThat(batches(port)).isEqualTo(1);
      }
    }
    var outcomes = Outcome.all(folder.resolve("outbox"), "killed");
    assertThat(outcomes).hasSize(1);
    Outcome outcome = outcomes.getFirst();
    assertThat(outcome.results().size() + outcome.errors().size()).isEqualTo(REQUESTS);
    assertThat(Stream.concat(outcome.resultIds().stream(), outcome.errorIds().stream()))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, REQUESTS).mapToObj(i -> "r-" + i).toList());
    outcome.counts(REQUESTS, outcome.results().size(), outcome.errors().size());
    assertThat(outcome.report().path("parts")).hasSize(1);
  }

  /** Kills while the file is accepted, validated, uploaded or submitted. */
  private static void killAfterStart(Path folder, Map<String, String> variables, int port)
      throws Exception {
    try (CaravanProcess caravan = CaravanProcess.start(folder, variables).awaitReady(port)) {
      assertThat(caravan.runsFor(Duration.ofMillis(RANDOM.nextInt(1500)))).isTrue();
      caravan.kill();
    }
  }

  /** Kills while the batch runs or its answers are downloaded. */
  private static void killOnceItWasAnswered(
      int answers, Path folder, Map<String, String> variables, Upstream upstream) throws Exception {
    try (CaravanProcess caravan = CaravanProcess.start(folder, variables)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> upstream.heard() >= answers);
      assertThat(caravan.runsFor(Duration.ofMillis(RANDOM.nextInt(400)))).isTrue();
      caravan.kill();
    }
  }

  private static int batches(int port) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/v1/batches".formatted(port)))
              .timeout(Duration.ofSeconds(10))
              .build();
      return Outcome.parse(http.send(request, BodyHandlers.ofString()).body()).path("data").size();
    }
  }
}

package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.CaravanProcess.Ended;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Upstream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code caravan status}, {@code cancel} and {@code retry} beside a service. */
@Tag("thorough")
class OperatorIT {
  private static final int REQUESTS = 40;

  @TempDir private Path folder;

  @Test
  void cancelsAndRetriesJobsOfARunningService() throws Exception {
    assertThat(caravan("status"))
        .returns(0, Ended::code)
        .satisfies(ended -> assertThat(ended.output()).contains("There are no jobs."));
    assertThat(caravan("cancel", "nope"))
        .returns(1, Ended::code)
        .satisfies(ended -> assertThat(ended.output()).contains("There is no job \"nope\""));
    assertThat(caravan("retry").code()).isEqualTo(2);
    assertThat(folder.resolve("data")).doesNotExist();

    int port = TestCaravan.freePort();
    try (var upstream = new Upstream()) {
      upstream.hold();
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
      try (CaravanProcess service = CaravanProcess.start(folder, variables).awaitReady(port)) {
        Files.writeString(inbox.resolve("x.jsonl"), TestCaravan.text(Line.chats("x", REQUESTS)));
        await().atMost(Duration.ofSeconds(60)).until(() -> upstream.heard() > 0);
        String job = status().at("/jobs/0/id").asText();

        Ended cancelled = caravan("cancel", job.substring(0, 9));
        assertThat(cancelled.code()).as(cancelled.output()).isZero();
        assertThat(cancelled.output()).contains("1 of 1 part is at the provider");
        awaitReports(1); // while nothing is answered, so the cancellation comes first
        upstream.letGo();
        Outcome outcome = Outcome.all(folder.resolve("outbox"), "x").getFirst();
        assertThat(outcome.errors()).isNotEmpty();
        outcome.counts(REQUESTS, outcome.results().size(), outcome.errors().size());

        Ended retried = caravan("retry", job);
        assertThat(retried.code()).as(retried.output()).isZero();
        awaitReports(2);
        Outcome retry = Outcome.all(folder.resolve("outbox"), "x").getLast();
        retry.counts(outcome.errors().size(), outcome.errors().size(), 0);
        assertThat(retry.report().path("retry_of").asText()).isEqualTo(job);

        assertThat(caravan("retry", job))
            .returns(1, Ended::code)
            .satisfies(ended -> assertThat(ended.output()).contains("as job " + retry.job()));
        assertThat(status().path("replicas")).hasSize(1);
        assertThat(service.output()).doesNotContain("lost its lease").doesNotContain("WARN");
      }
    }
    assertThat(status().at("/counts/delivered").asInt()).isEqualTo(2);
  }

  private JsonNode status() throws Exception {
    return Outcome.parse(caravan("status", "--json").output());
  }

  private Ended caravan(String... arguments) throws Exception {
    return CaravanProcess.run(folder, Map.of(), arguments);
  }

  private void awaitReports(int count) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Outcome.all(folder.resolve("outbox"), "x").size() >= count);
  }
}

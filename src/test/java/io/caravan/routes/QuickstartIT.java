package io.caravan.routes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.CaravanProcess.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the first commands of a new user. */
class QuickstartIT {
  private static final String SAMPLE =
      Path.of("samples/quickstart.jsonl").toAbsolutePath().toString();

  @TempDir Path folder;

  @Test
  void runsTheSampleOnce() throws Exception {
    Ended first = CaravanProcess.run(folder, Map.of(), "run", SAMPLE);

    assertThat(first.output())
        .contains("quickstart.jsonl: 12 requests, 8 results, 4 errors")
        .containsPattern("results +outbox/results/quickstart.results.jsonl\n")
        .containsPattern("errors +outbox/errors/quickstart.errors.jsonl\n")
        .containsPattern("report +outbox/reports/quickstart.report.json\n");
    assertThat(first.code()).as(first.output()).isZero();
    Outcome outcome = outcomes("quickstart").getFirst().counts(12, 8, 4);
    assertThat(outcome.resultIds()).isSorted().contains("review-001", "review-012");
    assertThat(outcome.errorIds())
        .containsExactly("review-005", "review-002", "review-009", "review-010");
    assertThat(Path.of(SAMPLE)).exists();

    Path named = Files.createDirectory(folder.resolve("named"));
    Files.copy(Path.of(SAMPLE), named.resolve("quickstart.jsonl"));
    Files.writeString(named.resolve("notes.md"), "no input");
    Ended second = CaravanProcess.run(folder, Map.of(), "run", "--fail-on-errors", "named");

    assertThat(second.output())
        .contains("(job " + outcome.job() + ", finished at ")
        .contains("nothing was sent again");
    assertThat(second.code()).as(second.output()).isEqualTo(1);
    List<Outcome> both = outcomes("quickstart");
    assertThat(both).hasSize(2);
    assertThat(both.getLast().errors()) // the refusal of the second file is delivered, too
        .extracting(line -> line.at("/error/code").asText())
        .containsExactly("file_refused");
  }

  @Test
  void exitsWithTwoAndAHintOnWrongUsage() throws Exception {
    Ended noFile = CaravanProcess.run(folder, Map.of(), "run");
    Ended missing = CaravanProcess.run(folder, Map.of(), "run", "missing.jsonl");
    Files.createDirectory(folder.resolve("empty"));
    Ended aFolder = CaravanProcess.run(folder, Map.of(), "run", "empty");
    Ended unknown = CaravanProcess.run(folder, Map.of(), "walk");

    assertThat(List.of(noFile.code(), missing.code(), aFolder.code(), unknown.code()))
        .containsOnly(2);
    assertThat(noFile.output()).contains("FILE");
    assertThat(missing.output()).contains("missing.jsonl does not exist.");
    assertThat(aFolder.output()).contains("empty has no file that ends with .jsonl");
    assertThat(unknown.output()).contains("walk");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  @Tag("thorough")
  void showsHelpForLauncherCommands() throws Exception {
    Ended all = CaravanProcess.run(folder, Map.of(), "--help");
    Ended prepare = CaravanProcess.run(folder, Map.of(), "prepare", "--help");
    Ended serve = CaravanProcess.run(folder, Map.of(), "serve", "--help");
    Ended wrong = CaravanProcess.run(folder, Map.of(), "prepare", "now");

    assertThat(all.output()).contains("  serve ", "  prepare ", "  run ", "  status ");
    assertThat(prepare.output()).startsWith("Usage: caravan prepare");
    assertThat(serve.output()).startsWith("Usage: caravan serve");
    assertThat(wrong.output()).contains("Unmatched argument at index 1: 'now'");
    assertThat(List.of(all.code(), prepare.code(), serve.code(), wrong.code()))
        .containsExactly(0, 0, 0, 2);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void explainsMissingKey() throws Exception {
    Ended ended = CaravanProcess.run(folder, Map.of("CARAVAN_PROVIDER", "openai"), "run", SAMPLE);

    assertThat(ended.output())
        .contains("No key for provider openai.")
        .contains("Set OPENAI_API_KEY, or set CARAVAN_PROVIDER=local to use the embedded server.")
        .doesNotContain("Exception")
        .doesNotContain("\tat ");
    assertThat(ended.code()).isEqualTo(1);
  }

  @Test
  @Tag("thorough")
  void passesFilesToARunningService() throws Exception {
    int port = TestCaravan.freePort();
    try (CaravanProcess service =
        CaravanProcess.start(
                folder,
                Map.of("SERVER_PORT", "" + port, "LOGGING_STRUCTURED_FORMAT_CONSOLE", "ecs"),
                "serve")
            .awaitReady(port)) {
      Ended ended = CaravanProcess.run(folder, Map.of(), "run", SAMPLE);

      assertThat(ended.output())
          .contains("quickstart.jsonl: 12 requests, 8 results, 4 errors")
          .containsPattern("results +outbox/results/quickstart.results.jsonl\n")
          .doesNotContain("\tat ");
      assertThat(ended.code()).as(ended.output()).isZero();
      assertThat(outcomes("quickstart")).hasSize(1);
      outcomes("quickstart").getFirst().counts(12, 8, 4);
      assertThat(service.runsFor(Duration.ZERO)).isTrue();
      assertThat(service.output()).doesNotContain("lost its lease");

      assertThatFieldsNameTheJob(service, outcomes("quickstart").getFirst().job());

      service.terminate();

      // the first process with a jar also writes its archive of classes when it ends
      assertThat(service.runsFor(Duration.ofSeconds(30))).as(service.output()).isFalse();
    }
  }

  /** The custom_ids of JSON lines. */
  private static void assertThatFieldsNameTheJob(CaravanProcess service, String job)
      throws IOException {
    List<JsonNode> lines = service.output().lines().map(Outcome::parse).toList();
    assertThat(lines)
        .extracting(line -> line.path("message").asText().split(":", 2)[0])
        .startsWith("inbox", "provider", "address", "pipelines", "store");
    List<JsonNode> about =
        lines.stream().filter(line -> line.path("job").asText().equals(job)).toList();
    assertThat(about).extracting(line -> line.path("pipeline").asText()).containsOnly("default");
    assertThat(about)
        .extracting(line -> line.at("/log/level").asText() + " " + line.path("part").asText())
        .containsExactly(
            "WARN ", // invalid lines; the command has accepted the file
            "INFO " + job + "-1", // submitted
            "INFO " + job + "-1", // ended
            "INFO "); // delivered
    assertThat(about)
        .extracting(line -> line.path("batch").asText().split("_", 2)[0])
        .containsExactly("", "batch", "batch", "");
  }

  private List<Outcome> outcomes(String stem) throws Exception {
    return Outcome.all(folder.resolve("outbox"), stem);
  }
}

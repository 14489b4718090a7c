package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests users' pipelines without error handlers. */
@ExtendWith(OutputCaptureExtension.class)
class OutboundJourneyTest {
  private static final String TOKEN = "operators-only-0123456789";

  private static Path folder;
  private static TestCaravan caravan;

  @BeforeAll
  static void start(@TempDir Path temporary) throws IOException {
    folder = temporary;
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    add(routes, "nightly", "");
    add(
        routes,
        "telling",
        """
                - log: {id: telling-log, message: "I have ${header.CaravanFileName}"}
        """);
    add(
        routes,
        "stopping",
        """
                - stop:
                    id: stopping-stop
        """);
    add(
        routes,
        "handling",
        """
                - doTry:
                    id: handling-try
                    steps:
                      - throwException: {id: handling-fails, exceptionType: java.io.IOException, message: no}
                    doCatch:
                      - exception: [java.io.IOException]
                        steps:
                          - stop: {id: handling-stop}
        """);
    caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() {
    caravan.close();
  }

  /** The README's pipeline with another name, test folders, and further steps for results. */
  private static void add(Path routes, String name, String steps) throws IOException {
    String yaml =
        Pattern.compile("```yaml\n(- beans:.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")))
            .results()
            .map(MatchResult::group)
            .findFirst()
            .orElseThrow()
            .replaceAll("```(yaml\n)?", "")
            .replace("directoryName: nightly", "directoryName: " + folder.resolve("in-" + name))
            .replace("/srv/", folder.resolve("out-" + name) + "/")
            .replace("provider: openai", "provider: local")
            .replace("nightly", name)
            .replace(
                "- route:\n    id: " + name + "-errors",
                steps + "- route:\n    id: " + name + "-errors");
    Files.writeString(routes.resolve("pipelines").resolve(name + ".camel.yaml"), yaml);
  }

  private static Path drop(String pipeline, String name) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("in-" + pipeline));
    return Files.writeString(
        inbox.resolve(name), TestCaravan.text(Line.embedding("r", "text of " + name)));
  }

  @Test
  void deliverOnceAFailingEndpointRecovers() throws IOException {
    Path results = folder.resolve("out-nightly/results");
    Files.createDirectories(results.getParent());
    Files.writeString(results, "in the way");
    drop("nightly", "failing.jsonl");

    await("reported failures").until(() -> jobs().contains("out-nightly/results"));
    Files.delete(results);

    assertThat(delivered("failing")).isEqualTo("delivered 1");
    assertThat(files(results)).hasSize(1);
  }

  @Test
  void countAsDeliveredAfterStop() throws IOException {
    drop("stopping", "stopped.jsonl");

    assertThat(delivered("stopped")).isEqualTo("delivered 1");
    assertThat(files(folder.resolve("out-stopping/results"))).hasSize(1);
  }

  @Test
  void countAsDeliveredAfterHandlingErrors() throws IOException {
    drop("handling", "handled.jsonl");

    assertThat(delivered("handled")).isEqualTo("delivered 1");
  }

  @Test
  void areLoggedInFiveLinesAtStart(CapturedOutput output) {
    assertThat(output.getAll().lines().takeWhile(line -> !line.contains("job=")))
        .filteredOn(line -> line.contains(" INFO "))
        .extracting(line -> line.replaceFirst(".* INFO +", ""))
        .satisfiesExactly(
            it ->
                assertThat(it)
                    .startsWith("inbox: " + folder.resolve("inbox") + " (default), ")
                    .contains(folder.resolve("in-nightly") + " (nightly)")
                    .doesNotContain("batches"),
            it ->
                assertThat(it)
                    .startsWith("provider: local at " + caravan.address() + "/v1, the embedded")
                    .endsWith("without CARAVAN_UPSTREAM_URL it runs only all-MiniLM-L6-v2"),
            it -> assertThat(it).startsWith("address: " + caravan.address() + ", ready after "),
            it ->
                assertThat(it)
                    .startsWith("pipelines: batches (any provider), default (provider local), "),
            it ->
                assertThat(it)
                    .startsWith("store: jdbc:sqlite:" + folder.resolve("data/caravan.db"))
                    .endsWith("files of jobs in " + folder.resolve("data/workspace")));
  }

  /** Caravan logs four lines, the user's route one. */
  @Test
  void showTheirLogStepsInTheLog(CapturedOutput output) throws IOException {
    drop("telling", "told.jsonl");
    String job = caravan.awaitReport("told").job();

    await("the last line").until(() -> output.getAll().contains("errors_delivered -> delivered"));
    assertThat(output.getAll().lines())
        .filteredOn(line -> line.contains(job) || line.contains("I have"))
        .extracting(line -> line.replaceFirst("^\\S+ ", "").replaceFirst("(\\S+=\\S+ )+", ""))
        .satisfiesExactly(
            it -> assertThat(it).startsWith("INFO  -> accepted"),
            it -> assertThat(it).startsWith("INFO  creating -> submitted"),
            it -> assertThat(it).startsWith("INFO  submitted -> ended"),
            it -> assertThat(it).isEqualTo("INFO  I have told.results.jsonl"),
            it -> assertThat(it).startsWith("INFO  errors_delivered -> delivered"));
  }

  private static String delivered(String stem) {
    JsonNode report = caravan.awaitReport(stem).report();
    return report.path("outcome").asText() + " " + report.at("/requests/results").asText();
  }

  private static String jobs() throws IOException {
    return caravan.operate("GET", "?limit=10", TOKEN).body();
  }

  private static Stream<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList().stream();
    }
  }
}

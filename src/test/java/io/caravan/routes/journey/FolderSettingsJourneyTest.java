package io.caravan.routes.journey;

import static io.caravan.routes.Line.embedding;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests folder inboxes with settings that need a separate application. */
@ExtendWith(OutputCaptureExtension.class)
@Tag("thorough")
class FolderSettingsJourneyTest {
  @Test
  void deliversOnceTheOutboxIsWritable(@TempDir Path folder, CapturedOutput output)
      throws IOException {
    Path inTheWay = folder.resolve("outbox");
    Files.writeString(inTheWay, "a file in the place of the folder");
    try (TestCaravan other = TestCaravan.in(folder).start()) {
      other.drop("blocked.jsonl", embedding("b", "Blocked."));
      await().until(() -> output.getAll().contains("job-deliver-results failed (try 2)"));
      assertThat(other.ask("/actuator/health"))
          .contains("\"jobs\":{\"status\":\"DOWN\"")
          .contains("undelivered");

      Files.delete(inTheWay);

      other.awaitReport("blocked").counts(1, 1, 0);
      assertThat(other.ask("/actuator/health")).contains("\"jobs\":{\"status\":\"UP\"");
    }
  }

  @Test
  @Tag("thorough")
  void acceptsFilesFromSubfoldersIfConfigured(@TempDir Path folder) throws IOException {
    try (TestCaravan other =
        TestCaravan.in(folder).with("caravan.intake.subfolders", true).start()) {
      Files.createDirectories(other.inbox().resolve("may/late"));
      Path dropped = other.drop("may/late/sub.jsonl", embedding("s", "In a subfolder."));

      Outcome outcome = other.awaitReport("may/late/sub").counts(1, 1, 0);

      assertThat(outcome.report().path("name").asText()).isEqualTo("may/late/sub.jsonl");
      assertThat(dropped).doesNotExist();
      assertThat(other.accepted("may/late/sub.jsonl")).exists();
    }
  }

  @Test
  void rejectsWholeFileInStrictPipeline(@TempDir Path folder) throws IOException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Files.createDirectories(folder.resolve("careful"));
    Path pipelines = routes.resolve("pipelines");
    Files.writeString(
        pipelines.resolve("careful.camel.yaml"),
        Files.readString(pipelines.resolve("default.camel.yaml"))
            .replace("default", "careful")
            .replace("{{caravan.inbox}}", "{{caravan.inbox}}/../careful")
            .replace("strict: false", "strict: true"));
    try (TestCaravan other = TestCaravan.in(folder).with("caravan.routes", routes).start()) {
      other.drop(
          "../careful/strict.jsonl",
          embedding("s-1", "Good."),
          "bad",
          embedding("s-3", "Good as well."));

      Outcome outcome = other.awaitReport("strict").counts(3, 0, 3);

      assertThat(outcome.errorIds()).containsExactly("s-1", "null", "s-3");
      assertThat(outcome.codeOf("s-1")).isEqualTo("file_refused");
      assertThat(outcome.messageOf("s-3"))
          .isEqualTo(
              "strict.jsonl line 3: nothing in this file was sent because the pipeline is strict"
                  + " and other lines are bad. Fix them and drop the file again.");
      assertThat(outcome.report().path("pipeline").asText()).isEqualTo("careful");
      assertThat(outcome.report().path("parts")).isEmpty();

      other.drop("../careful/strict-good.jsonl", embedding("s-1", "Good."));
      other.awaitReport("strict-good").counts(1, 1, 0);
    }
  }

  @ParameterizedTest
  @Tag("thorough")
  @ValueSource(strings = {"staging", "production"})
  void deliversToThePlaceOfTheEnvironment(String environment, @TempDir Path folder)
      throws IOException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Path pipeline = routes.resolve("pipelines/default.camel.yaml");
    Files.writeString(
        pipeline,
        Files.readString(pipeline).replace("{{caravan.outbox}}/results", "{{acme.results}}"));
    Path config = Files.createDirectory(folder.resolve("config"));
    for (String each : List.of("staging", "production")) {
      Files.writeString(
          config.resolve("application-%s.yaml".formatted(each)),
          "acme: {results: %s/%s}%n".formatted(folder, each));
    }
    try (TestCaravan other =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("spring.config.additional-location", "file:%s/".formatted(config))
            .with("spring.profiles.active", environment)
            .start()) {
      other.drop("one.jsonl", embedding("e", "Hello."));

      other.awaitReport("one");

      assertThat(folder.resolve(environment).resolve("one.results.jsonl")).exists();
    }
  }

  @Test
  @Tag("thorough")
  void finishesAfterRestart(@TempDir Path folder) throws IOException {
    try (var slow = new Upstream();
        TestCaravan other =
            TestCaravan.in(folder)
                .with("caravan.upstream.url", slow.url())
                .with("caravan.providers.local.max-requests", 15)
                .start()) {
      slow.hold();
      other.drop("restart.jsonl", Line.chats("restart", 40));
      await().until(() -> slow.heard() > 0);

      other.stop();
      slow.letGo();
      other.start();

      Outcome outcome = other.awaitReport("restart").counts(40, 40, 0);
      assertThat(outcome.resultIds())
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).mapToObj(i -> "r-" + i).toList());
      assertThat(outcome.report().path("parts")).hasSize(3);
      assertThat(other.outcomes("restart")).hasSize(1);
    }
  }
}

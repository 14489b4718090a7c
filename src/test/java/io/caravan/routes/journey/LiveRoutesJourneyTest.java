package io.caravan.routes.journey;

import static io.caravan.routes.Line.chat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.Logged;
import io.caravan.flow.live.RouteFiles;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests that edits of route files take effect in a running service. */
class LiveRoutesJourneyTest {
  private static final String TOKEN = "operators-only-0123456789";

  @TempDir private Path folder;
  private CountingProvider provider;
  private TestCaravan caravan;
  private Path routes;

  @BeforeEach
  void prepare() throws IOException {
    provider = new CountingProvider().withBatchesOf(Duration.ofMillis(50));
    routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .with("caravan.routes", routes)
            .with("caravan.operator.token", TOKEN);
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  /** The default pipeline with another name and other folders. */
  private String pipeline(String name) throws IOException {
    return Files.readString(Path.of("routes/pipelines/default.camel.yaml"))
        .replace("default", name)
        .replace("{{caravan.inbox}}", folder.resolve("in-" + name).toString())
        .replace("{{caravan.outbox}}", folder.resolve("out-" + name).toString())
        .replace("{{caravan.template}}", "embeddings");
  }

  /** Writes a file as editors do, under another name first. */
  private void save(String name, String yaml) throws IOException {
    Path draft = Files.writeString(routes.resolve("draft"), yaml);
    Files.move(
        draft,
        routes.resolve("pipelines").resolve(name + ".camel.yaml"),
        StandardCopyOption.ATOMIC_MOVE);
  }

  private void drop(String pipeline, String file, String... lines) throws IOException {
    Path inbox = Files.createDirectories(folder.resolve("in-" + pipeline));
    Files.writeString(inbox.resolve(file), TestCaravan.text(lines));
  }

  private void awaitResults(String outbox, String file) {
    await("results of " + file)
        .until(() ->
            Files.exists(
                folder.resolve(outbox).resolve("results").resolve(file + ".results.jsonl")));
  }

  private String health() throws IOException {
    return Outcome.parse(caravan.ask("/actuator/health")).at("/components/routes").toString();
  }

  private void awaitHealth(String content) {
    await("health with " + content).until(() -> health().contains(content));
  }

  @Test
  void keepsTheLastGoodFormWhileAnEditIsBad() throws IOException {
    caravan.start();
    String good = Files.readString(routes.resolve("pipelines/default.camel.yaml"));
    save("default", good.replace("method: freeName", "method: freName"));

    awaitHealth("line 43, column 17: The bean outbox has no method freName. Write freeName.");
    assertThat(health()).contains("\"DOWN\"");
    caravan.drop("while-bad.jsonl", chat("a", "x"));
    caravan.awaitReport("while-bad").counts(1, 1, 0);
    await("status names the file")
        .until(() ->
            caravan
                .operate("GET", "", TOKEN)
                .body()
                .contains("routes/pipelines/default.camel.yaml"));

    save("default", good);
    awaitHealth("\"UP\"");
    await("status forgets the file")
        .until(() -> !caravan.operate("GET", "", TOKEN).body().contains("default.camel.yaml"));
  }

  @Test
  @Tag("thorough")
  void usesTheLastGoodFormAfterARestartToo() throws IOException {
    caravan.start();
    caravan.stop();
    String good = Files.readString(routes.resolve("pipelines/default.camel.yaml"));
    save("default", good.replace("- beans:", "- beens:"));
    caravan.start();

    assertThat(health()).contains("line 4").contains("\"DOWN\"");
    caravan.drop("restarted.jsonl", chat("a", "x"));
    caravan.awaitReport("restarted").counts(1, 1, 0);
  }

  @Test
  void stopsOnlyThePipelineThatCannotStart() throws IOException {
    save("queue", pipeline("queue").replaceFirst("uri: file\n", "uri: kafka:requests\n"));
    caravan.start();

    assertThat(health())
        .contains("The component kafka is not installed.")
        .contains("./caravan add kafka")
        .doesNotContain("default");
    caravan.drop("beside.jsonl", chat("a", "x"));
    caravan.awaitReport("beside").counts(1, 1, 0);
  }

  @Test
  @Tag("thorough")
  void startsRoutesOnceTheyCan() throws IOException {
    save(
        "acme",
        pipeline("acme")
            .replace(
                "        recursive: true",
                "        startingDirectoryMustExist: true\n        autoCreate: false\n        recursive: true"));
    caravan.start();

    assertThat(health())
        .contains("\"DOWN\"")
        .contains("\"acme-inbox\"")
        .contains("Starting directory does not exist")
        .doesNotContain("acme-results");

    drop("acme", "late.jsonl", chat("a", "x"));
    awaitResults("out-acme", "late");
    awaitHealth("\"UP\"");
  }

  @Test
  void takesNewPipelinesAndTheirEdits() throws IOException {
    caravan.start();
    try (var log = Logged.by(RouteFiles.class)) {
      save("acme", pipeline("acme"));
      drop("acme", "one.jsonl", chat("a", "x"));
      awaitResults("out-acme", "one");
      assertThat(log.lines()).containsExactly("INFO routes/pipelines/acme.camel.yaml is in use");
    }

    save("acme", pipeline("acme").replace("out-acme", "moved"));
    await("edit in use").until(() -> uses("moved"));
    drop("acme", "two.jsonl", chat("b", "x"));
    awaitResults("moved", "two");
  }

  @Test
  @ExtendWith(OutputCaptureExtension.class)
  void reportsBrokenTemplatesAndChangedSettings(CapturedOutput output) throws IOException {
    Path templates = Files.createDirectory(folder.resolve("templates"));
    Path template = templates.resolve("default.yaml");
    String good = Files.readString(Path.of("config/templates/default.yaml"));
    Files.writeString(template, good);
    Path config = Files.createDirectory(folder.resolve("config"));
    Path settings = config.resolve("application.yaml");
    Files.writeString(settings, "caravan: {retention: 7d}");
    caravan
        .with("caravan.templates", templates)
        .with("spring.config.additional-location", "file:" + config + "/")
        .start();

    Files.writeString(template, "url: [");
    awaitHealth("default.yaml");
    await("status names the template")
        .until(() -> caravan.operate("GET", "", TOKEN).body().contains("default.yaml"));
    Files.writeString(template, good);
    awaitHealth("\"UP\"");

    Files.writeString(settings, "caravan: {retention: 8d}");
    await("log of the changed settings")
        .until(
            () -> output.getOut().contains(settings + " changed; start Caravan again to use it"));
  }

  @Test
  void logsChangesThatTakeEffectAtTheNextStart() throws IOException {
    caravan.start();
    try (var log = Logged.by(RouteFiles.class)) {
      Path engine = routes.resolve("job-release.camel.yaml");
      Files.writeString(engine, Files.readString(engine) + "# edited\n");
      await("first edit").until(() -> !log.lines().isEmpty());
      Files.delete(engine);
      await("deletion").until(() -> log.lines().size() > 1);

      save("acme", pipeline("acme")); // is checked with the routes that run
      drop("acme", "one.jsonl", chat("a", "x"));
      awaitResults("out-acme", "one");

      assertThat(log.lines())
          .containsExactly(
              "WARN routes/job-release.camel.yaml changed; start Caravan again to use it",
              "WARN routes/job-release.camel.yaml changed; start Caravan again to use it",
              "INFO routes/pipelines/acme.camel.yaml is in use");
    }
  }

  /** Whether the form in use of the pipeline acme contains a text. */
  private boolean uses(String text) throws IOException {
    return Files.readString(folder.resolve("data/routes/pipelines/acme.camel.yaml")).contains(text);
  }

  @Test
  @Tag("thorough")
  void deliversWhatADeletedPipelineOwes() throws IOException {
    provider.withBatchesOf(Duration.ofSeconds(3));
    save("acme", pipeline("acme"));
    caravan.start();
    drop("acme", "owed.jsonl", chat("a", "x"));
    await("acceptance").until(() -> !Files.exists(folder.resolve("in-acme/owed.jsonl")));
    Files.delete(routes.resolve("pipelines/acme.camel.yaml"));
    awaitResults("out-acme", "owed");
    await("removed")
        .until(() -> Files.notExists(folder.resolve("data/routes/pipelines/acme.camel.yaml")));
    drop("acme", "late.jsonl", chat("b", "x"));
    TestCaravan.staysFor(Duration.ofSeconds(2), folder.resolve("in-acme/late.jsonl"));
  }

  @Test
  @Tag("thorough")
  void followsTheLinksOfAMountedConfigMap() throws IOException {
    Path pipelines = routes.resolve("pipelines");
    Path first = Files.createDirectory(pipelines.resolve("..2026_01"));
    Path second = Files.createDirectory(pipelines.resolve("..2026_02"));
    Files.writeString(first.resolve("acme.camel.yaml"), pipeline("acme"));
    Files.writeString(
        second.resolve("acme.camel.yaml"), pipeline("acme").replace("out-acme", "flipped"));
    Files.createSymbolicLink(pipelines.resolve("..data"), first.getFileName());
    Files.createSymbolicLink(
        pipelines.resolve("acme.camel.yaml"), Path.of("..data/acme.camel.yaml"));
    caravan.start();
    drop("acme", "before.jsonl", chat("a", "x"));
    awaitResults("out-acme", "before");

    Files.createSymbolicLink(pipelines.resolve("..data_tmp"), second.getFileName());
    Files.move(
        pipelines.resolve("..data_tmp"),
        pipelines.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    await("edit in use").until(() -> uses("flipped"));
    drop("acme", "after.jsonl", chat("b", "x"));
    awaitResults("flipped", "after");
  }

  @Test
  @Tag("thorough")
  void losesNothingAndPaysOnceUnderEdits() throws IOException {
    caravan.start();
    String yaml = Files.readString(routes.resolve("pipelines/default.camel.yaml"));
    int files = 20;
    for (int each = 0; each < files; each++) {
      caravan.drop("edited-%d.jsonl".formatted(each), lines(each));
      save(
          "default",
          each % 4 == 3
              ? yaml.replace("direct:job-accept", "direct:nowhere")
              : yaml.replace("# true: one invalid", "# edit %d: one invalid".formatted(each))
                  .replace("id: default-inbox-accept", "id: default-inbox-accept-" + each)
                  .replace("id: default-results-name", "id: default-results-name-" + each));
      await().pollDelay(Duration.ofMillis(700)).until(() -> true);
    }
    save("default", yaml);

    IntStream.range(0, files)
        .forEach(each -> caravan.awaitReport("edited-" + each).counts(3, 3, 0));
    awaitHealth("\"UP\"");
    assertThat(provider.account().paid())
        .hasSize(3 * files)
        .allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
  }

  private static String[] lines(int file) {
    return IntStream.range(0, 3)
        .mapToObj(line -> chat("e-%d-%d".formatted(file, line), "x"))
        .toArray(String[]::new);
  }
}

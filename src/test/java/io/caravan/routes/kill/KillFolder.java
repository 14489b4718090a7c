package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A working directory whose processes are killed, and the checks at the end. */
final class KillFolder {
  private static final String BAD_LINE = "this is no request\n";
  private static final Duration LONGEST_WAY_HOME = Duration.ofSeconds(90);

  private final Path folder;
  private final CountingProvider provider;
  private final Map<String, Integer> dropped = new LinkedHashMap<>();
  private final Map<String, String> variables = new HashMap<>();

  KillFolder(Path folder, CountingProvider provider) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.provider = provider;
    Files.createDirectories(inbox());
    variables.putAll(provider.variables());
    variables.putAll(
        Map.of(
            "CARAVAN_POLL_INITIAL", "50ms",
            "CARAVAN_POLL_MAX", "100ms",
            "CARAVAN_RETRY_INITIAL", "50ms",
            "CARAVAN_RETRY_MAX", "200ms",
            "CARAVAN_INTAKE_QUIET", "1ms",
            "CARAVAN_RETENTION", "1ms",
            "CARAVAN_DELETEPROVIDERFILES", "true"));
  }

  KillFolder with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  Path path() {
    return folder;
  }

  private Path inbox() {
    return folder.resolve("inbox");
  }

  /** Drops a file with unique requests and an invalid line. */
  void drop(String stem, int requests) throws IOException {
    String lines =
        IntStream.rangeClosed(1, requests)
            .mapToObj(i -> Line.chat(stem + "-" + i, "about " + stem) + "\n")
            .reduce("", String::concat);
    Path unfinished = Files.writeString(folder.resolve(stem), lines + BAD_LINE);
    Files.move(unfinished, inbox().resolve(stem + ".jsonl"));
    dropped.put(stem, requests);
  }

  CaravanProcess start(Map<String, String> more) throws IOException {
    var all = new HashMap<>(variables);
    all.putAll(more);
    return CaravanProcess.start(folder, all);
  }

  /** Runs a command until it exits. */
  CaravanProcess.Ended run(String... arguments) throws IOException, InterruptedException {
    return CaravanProcess.run(folder, variables, arguments);
  }

  /**
   * Runs once without a kill: only then does the launcher keep its class archive, which halves the
   * time of the next starts.
   */
  void warmUp() throws IOException, InterruptedException {
    with("SPRING_MAIN_WEBAPPLICATIONTYPE", "servlet");
    with("SERVER_PORT", "" + TestCaravan.freePort());
    try (CaravanProcess caravan = start(Map.of())) {
      caravan.awaitStarted();
      caravan.terminate();
      assertThat(caravan.runsFor(LONGEST_WAY_HOME)).as("stops").isFalse();
    }
  }

  /** Waits until every file has its report and is released. */
  void awaitReleased(CaravanProcess caravan) {
    await("the reports of all files")
        .atMost(LONGEST_WAY_HOME)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> !caravan.isAlive() || isReleased());
  }

  /** Whether every file has its report and is released. */
  boolean isReleased() throws IOException {
    return reported()
        && (isShared() || count(folder.resolve("data/workspace")) == 0)
        && provider.account().files(null).isEmpty();
  }

  /** Whether replicas share the workspace, which keeps files of a killed acceptance for an hour. */
  private boolean isShared() {
    return variables.containsKey("CARAVAN_DATABASE_URL");
  }

  private boolean reported() throws IOException {
    for (String stem : dropped.keySet()) {
      if (Outcome.all(outbox(), stem).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private Path outbox() {
    return folder.resolve("outbox");
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  /** Lists lost or doubly paid requests; {@code said} describes a file's fate. */
  List<String> problems(Map<String, String> said) throws IOException {
    var problems = new ArrayList<String>();
    for (String stem : dropped.keySet()) {
      try {
        check(stem);
      } catch (AssertionError e) {
        problems.add(said.getOrDefault(stem, stem) + ": " + e.getMessage());
      }
    }
    try {
      checkTheRest();
    } catch (AssertionError e) {
      problems.add("" + e.getMessage());
    }
    return problems;
  }

  private void check(String stem) throws IOException {
    List<Outcome> outcomes = Outcome.all(outbox(), stem);
    assertThat(outcomes).as("reports of %s", stem).hasSize(1);
    Outcome outcome = outcomes.getFirst();
    List<String> all =
        IntStream.rangeClosed(1, dropped.getOrDefault(stem, 0))
            .mapToObj(i -> stem + "-" + i)
            .toList();
    List<String> errors =
        outcome.errors().stream()
            .map(line -> line.path("custom_id"))
            .filter(customId -> !customId.isNull())
            .map(JsonNode::asText)
            .toList();
    assertThat(Stream.concat(outcome.resultIds().stream(), errors.stream()))
        .as("each request of %s once", stem)
        .containsExactlyInAnyOrderElementsOf(all);
    outcome.counts(all.size() + 1L, outcome.results().size(), errors.size() + 1L);
    Map<String, Long> paid = provider.account().paid();
    assertThat(all.stream().filter(paid::containsKey))
        .as("paid requests of %s are its results", stem)
        .containsExactlyInAnyOrderElementsOf(outcome.resultIds());
    assertThat(all).as("paid once").allMatch(customId -> paid.getOrDefault(customId, 1L) == 1);
  }

  private void checkTheRest() throws IOException {
    assertThat(provider.account().paidBatches("caravan_part"))
        .as("paid batches per part")
        .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
    assertThat(provider.account().orphans()).as("unused uploads").isEmpty();
    assertThat(provider.account().files(null)).as("files left at the provider").isEmpty();
    assertThat(filesIn(inbox()))
        .as("accepted files have left the inbox")
        .allMatch(file -> file.startsWith(inbox().resolve(".accepted")));
    assertThat(filesIn(outbox()))
        .as("complete files only")
        .allMatch(
            file -> file.toString().matches(".*\\.(results|errors)\\.jsonl|.*\\.report\\.json"))
        .noneMatch(file -> file.getFileName().toString().startsWith("."));
  }

  /** The job ids in the reports. */
  List<String> jobs() throws IOException {
    var ids = new ArrayList<String>();
    for (String stem : dropped.keySet()) {
      Outcome.all(outbox(), stem)
          .forEach(outcome -> ids.add(outcome.report().path("job").asText()));
    }
    return ids;
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}

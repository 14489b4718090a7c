package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.kill.Boundaries;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.fake.CountedBatch;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.kill.KillRecord.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A series of processes in one folder: each resumes the work of the killed one before it. */
final class KillChain implements AutoCloseable {
  private static final int REQUESTS = 4;
  private static final Duration LONG_ENOUGH_TO_BE_ASKED_TWICE = Duration.ofMillis(600);
  private static final Duration LONGEST_LIFE = Duration.ofMinutes(2);
  private static final Duration SURE_TO_LIVE = Duration.ofSeconds(5);

  private final CountingProvider provider;
  private final KillFolder folder;
  private final String agent;
  private final Map<String, Moment> fates = new LinkedHashMap<>();
  private final List<KillRecord> records = new ArrayList<>();
  private final Set<String> killed = new TreeSet<>();

  KillChain(Path folder, Path agent) throws IOException {
    this.provider =
        new CountingProvider()
            .withBatchesOf(LONG_ENOUGH_TO_BE_ASKED_TWICE)
            .answering((customId, time) -> customId.endsWith("-3") ? 400 : 200)
            .ending(ids -> ids.getFirst().matches("e-.*-1") ? Ending.expired(2) : Ending.COMPLETED);
    this.folder = new KillFolder(folder, provider);
    this.agent = "-XX:TieredStopAtLevel=1 -javaagent:" + agent;
  }

  /**
   * Drops a file.
   *
   * @param journey {@code k}, or {@code e} for a file whose first batch expires
   */
  String drop(String journey, Moment fate) throws IOException {
    String stem = "%s-%03d".formatted(journey, fates.size());
    folder.drop(stem, REQUESTS);
    fates.put(stem, fate);
    return stem;
  }

  /** Runs until all files are released. */
  KillRecord finish() throws IOException {
    Path record = record();
    try (CaravanProcess caravan = start(record, Map.of())) {
      folder.awaitReleased(caravan);
      assertThat(caravan.isAlive()).as("alive: %s", caravan.output()).isTrue();
      assertThat(caravan.output()).doesNotContain("[Byte Buddy]");
    }
    return keep(record);
  }

  /** Drops a file and runs until the kill at a moment of the file's journey. */
  boolean killAt(Moment moment, String journey) throws IOException, InterruptedException {
    return killAgainAt(moment, drop(journey, moment));
  }

  /**
   * Runs until the kill at a moment of an unfinished file; false if all files were released without
   * reaching it.
   */
  boolean killAgainAt(Moment moment, String subject) throws IOException, InterruptedException {
    Path record = record();
    try (CaravanProcess caravan =
        start(record, Map.of(Boundaries.AT, moment.at(), Boundaries.FOR, subject))) {
      await("kill at " + moment.at())
          .atMost(LONGEST_LIFE)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !caravan.isAlive() || folder.isReleased());
      boolean dead = !caravan.runsFor(SURE_TO_LIVE);
      if (dead) {
        moment.boundaries().forEach(killed::add);
      }
      return dead;
    } finally {
      keep(record);
    }
  }

  KillChain withBatchesOf(Duration time) {
    provider.withBatchesOf(time);
    return this;
  }

  /** Drops a file, cancels its job once its batch runs, and runs until the kill. */
  boolean killWhileCancelling(Moment moment) throws IOException, InterruptedException {
    String stem = drop("c", moment);
    try (CaravanProcess caravan = start(record(), Map.of(Boundaries.AT, moment.at()))) {
      await("its batch")
          .atMost(LONGEST_LIFE)
          .until(() -> provider.account().batches().stream().anyMatch(it -> isOf(it, stem)));
      String job =
          provider.account().batches().stream()
              .filter(it -> isOf(it, stem))
              .findFirst()
              .orElseThrow()
              .metadata("caravan_job");
      assertThat(folder.run("cancel", job).code()).isZero();
      return !caravan.runsFor(LONGEST_LIFE);
    } finally {
      keep(record());
    }
  }

  private static boolean isOf(CountedBatch batch, String stem) {
    return batch.customIds().getFirst().startsWith(stem + "-");
  }

  /**
   * Adds the moments that only restarts reach, each with the files and kills that may lead there,
   * first those of the preceding process. If that one was killed too early, a later process reaches
   * the moment.
   */
  void addRestarts(Set<String> known, Map<List<String>, Restart> restarts) {
    for (int distance = 1; distance < records.size(); distance++) {
      int i = 0;
      for (var fate : fates.entrySet()) { // one per process
        if (i + distance < records.size()) {
          addRestarts(fate, records.get(i + distance), known, restarts);
        }
        i++;
      }
    }
  }

  private void addRestarts(
      Map.Entry<String, Moment> fate,
      KillRecord later,
      Set<String> known,
      Map<List<String>, Restart> restarts) {
    for (Moment moment : later.moments()) {
      if (stem(moment.subject()).contains(fate.getKey())
          && moment.boundaries().anyMatch(boundary -> !known.contains(boundary))) {
        restarts
            .computeIfAbsent(
                moment.boundaries().toList(), same -> new Restart(moment, new LinkedHashMap<>()))
            .leads()
            .putIfAbsent(fate.getValue(), fate.getKey());
      }
    }
  }

  /**
   * @param leads the kills that lead to the moment, each with the file dropped for it
   */
  record Restart(Moment moment, Map<Moment, String> leads) {}

  private String stem(String subject) {
    return records.stream()
        .flatMap(record -> record.stems().entrySet().stream())
        .filter(job -> subject.contains(job.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(subject);
  }

  /** The id of a file's job if recorded, otherwise the stem. */
  String job(String stem) {
    return records.stream()
        .flatMap(record -> record.stems().entrySet().stream())
        .filter(job -> job.getValue().equals(stem))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(stem);
  }

  private Path record() {
    return folder.path().resolve("record-%03d.txt".formatted(records.size()));
  }

  private CaravanProcess start(Path record, Map<String, String> more) throws IOException {
    var variables = new HashMap<>(more);
    variables.put(Boundaries.RECORD, record.toString());
    variables.put("JAVA_OPTS", agent);
    return folder.start(variables);
  }

  private KillRecord keep(Path file) throws IOException {
    KillRecord record =
        Files.exists(file) ? KillRecord.read(file) : new KillRecord(List.of(), Map.of());
    records.add(record);
    return record;
  }

  /** The boundaries at which processes were killed. */
  Set<String> killed() {
    return killed;
  }

  /** The recorded transitions of rows. */
  Set<String> transitions() {
    var transitions = new TreeSet<String>();
    records.stream()
        .flatMap(record -> record.passed().stream())
        .filter(passed -> passed.name().contains("->"))
        .forEach(passed -> transitions.add(passed.boundary()));
    return transitions;
  }

  /** All problems at the end. */
  List<String> problems() throws IOException {
    var said = new HashMap<String, String>();
    fates.forEach((stem, moment) -> said.put(stem, stem + ", killed at \"" + moment.at() + "\""));
    return folder.problems(said);
  }

  @Override
  public void close() throws IOException {
    provider.close();
  }
}

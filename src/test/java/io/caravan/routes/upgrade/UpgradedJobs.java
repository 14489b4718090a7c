package io.caravan.routes.upgrade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Api;
import io.caravan.routes.fake.ProviderAccount;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks the jobs of an earlier release in the current application. */
record UpgradedJobs(TestCaravan caravan, Api api) {
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /**
   * Unfinished files: their requests, results and errors, and the batches and uploads that are
   * still expected.
   */
  private static final String OPEN =
      """
      accepted           3 2 1  1 1
      planned            3 2 1  1 1
      uploading-1        3 2 1  1 1
      uploading-2        3 2 1  1 0
      creating-1         3 2 1  1 0
      creating-2         3 2 1  0 0
      ended              3 2 1  0 0
      retrieved          3 2 1  0 0
      refused-part       3 0 3  0 0
      settling           3 2 1  0 0
      settled            3 2 1  0 0
      results-delivered  3 2 1  0 0
      errors-delivered   3 2 1  0 0
      submitted          6 6 0  0 0
      table              2 2 0  0 0
      cancelling         3 1 2  0 0
      resend             3 3 0  1 1
      divided            3 3 0  2 0
      uploaded           1 1 0  1 0
      inboxed            3 2 1  1 1
      """;

  /** The same for files that operators retry or cancel. */
  private static final String PARKED =
      """
      held               1 1 0  1 1
      dear               1 0 1  0 0
      """;

  /** One row of these tables. */
  private record Fate(
      String stem, int requests, int results, int errors, int batches, int uploads) {
    static Stream<Fate> of(String rows) {
      return rows.lines()
          .map(row -> row.split(" +"))
          .map(row -> new Fate(row[0], n(row, 1), n(row, 2), n(row, 3), n(row, 4), n(row, 5)));
    }

    private static int n(String[] row, int column) {
      return Integer.parseInt(row[column]);
    }

    static Map<String, Integer> all(ToIntFunction<Fate> number) {
      return of(OPEN + PARKED)
          .filter(fate -> number.applyAsInt(fate) > 0)
          .collect(Collectors.toMap(Fate::stem, number::applyAsInt, Integer::sum, TreeMap::new));
    }
  }

  /**
   * @param parked a batch of the embedded server whose job is parked
   */
  void keepsWhatWaitsForAnOperator(String parked) throws IOException {
    assertThat(api.job("held.jsonl").at("/waits_for/0").asText())
        .startsWith(
            "held for release: there is a limit (caravan.max-cost), and no price of gpt-none");
    assertThat(api.job(parked + ".jsonl").at("/parts/0/setback").asText())
        .contains("No key for provider deepinfra.");
    for (String file : List.of("held.jsonl", "dear.jsonl", parked + ".jsonl")) {
      assertThat(api.job(file).path("parked_at").isNull()).as("%s is parked", file).isFalse();
    }
    assertThat(api.job("undelivered.jsonl").at("/waits_for/0").asText())
        .contains("Not a directory");
    assertThat(api.get("/caravan/jobs").path("parked")).hasSize(3);
    assertThat(api.get("/caravan/jobs").path("undelivered")).isNotEmpty();
  }

  void endsEachOnce() throws IOException {
    Fate.of(OPEN).forEach(this::endsOnce);
    Outcome again = report(caravan.outbox(), "delivered", 2).getLast().counts(1, 1, 0);
    assertThat(again.report().path("retry_of").asText())
        .isEqualTo(Outcome.all(caravan.outbox(), "delivered").getFirst().job());
    assertThat(report(caravan.outbox(), "refused-part", 1).getFirst().codeOf("refused-part-1"))
        .isEqualTo("no_access");
    assertThat(report(caravan.outbox(), "cancelling", 1).getFirst().codeOf("cancelling-2"))
        .isEqualTo("job_cancelled");
    assertThat(report(caravan.outbox(), "table", 1).getFirst().results())
        .extracting(line -> line.at("/metadata/id").asText())
        .containsExactly("7", "8");
    assertThat(list(caravan.outbox().resolve("results")))
        .filteredOn(file -> file.getFileName().toString().startsWith("settled."))
        .as("a file delivered right before the kill is not delivered twice")
        .hasSize(1);
    Path shop = caravan.outbox().resolve("shop");
    report(shop, "undelivered", 1).getFirst().counts(1, 1, 0);
    report(shop, "arriving", 1).getFirst().counts(1, 1, 0);
    assertThat(report(shop, "running", 1).getFirst().counts(12, 12, 0).resultIds())
        .doesNotHaveDuplicates();
  }

  private void endsOnce(Fate fate) {
    Outcome outcome = report(caravan.outbox(), fate.stem(), 1).getFirst();
    outcome.counts(fate.requests(), fate.results(), fate.errors());
    assertThat(ids(outcome)).as("each request of %s once", fate.stem()).doesNotHaveDuplicates();
  }

  private List<Outcome> report(Path outbox, String stem, int count) {
    return await("report of " + stem)
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> Outcome.all(outbox, stem), outcomes -> outcomes.size() == count);
  }

  private static List<String> ids(Outcome outcome) {
    return Stream.concat(outcome.resultIds().stream(), outcome.errorIds().stream()).toList();
  }

  void obeysOperators(String parked) throws IOException {
    assertThat(api.get("/caravan/jobs").path("parked")).as("still parked").hasSize(3);
    for (String file : List.of("held.jsonl", parked + ".jsonl")) {
      api.post("/caravan/jobs/" + api.job(file).path("id").asText() + "/retry", "");
    }
    api.post("/caravan/jobs/" + api.job("dear.jsonl").path("id").asText() + "/cancel", "");
    Fate.of(PARKED).forEach(this::endsOnce);
    Outcome dear = report(caravan.outbox(), "dear", 1).getFirst();
    assertThat(dear.codeOf("dear-1")).isEqualTo("job_cancelled");
  }

  /**
   * @param known the batches that existed before
   */
  void hasPaidOnce(ProviderAccount account, Set<String> known) {
    assertThat(account.paid().values()).as("requests").allMatch(times -> times == 1);
    assertThat(account.paidBatches("caravan_part").values()).as("parts").allMatch(n -> n == 1);
    assertThat(
            stems(
                account.batches().stream()
                    .filter(batch -> !known.contains(batch.id()))
                    .map(batch -> batch.customIds().getFirst())))
        .as("new batches")
        .isEqualTo(Fate.all(Fate::batches));
    assertThat(
            stems(
                account.uploads().stream()
                    .map(file -> Outcome.parse(file.lines().getFirst()))
                    .map(line -> line.path("custom_id").asText())))
        .as("new uploads")
        .isEqualTo(Fate.all(Fate::uploads));
    assertThat(account.orphans())
        .as("unused uploads")
        .allMatch(file -> file.lines().getFirst().contains("refused-part"));
  }

  /** The number of ids per file. */
  private static Map<String, Integer> stems(Stream<String> customIds) {
    return customIds
        .map(customId -> customId.replaceFirst("-[^-]*$", ""))
        .collect(Collectors.toMap(stem -> stem, stem -> 1, Integer::sum, TreeMap::new));
  }

  void knowsWhatWasAcceptedBefore() throws IOException {
    caravan.drop("thrice.jsonl", UpgradeEarlierDays.lines("released", "-1", "-2"));
    assertThat(report(caravan.outbox(), "thrice", 1).getFirst().refusal())
        .contains("has the same content as job " + api.job("released.jsonl").path("id").asText());
    assertThat(caravan.inbox()).isDirectoryNotContaining(Files::isRegularFile);
  }

  void releasesEverything(Path workspace, TestTime time) throws IOException {
    assertThat(api.get("/actuator/health").at("/components/jobs/status").asText()).isEqualTo("UP");
    time.shift(Duration.ofHours(25));
    await("release")
        .atMost(LONGEST)
        .until(() -> api.get("/caravan/jobs").path("counts").size() == 1);
    for (Path files : list(workspace)) { // of files that were never accepted
      assertThat(api.send("GET", "/caravan/jobs/" + files.getFileName(), "").statusCode())
          .isEqualTo(404);
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}

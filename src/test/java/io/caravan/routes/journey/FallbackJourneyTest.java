package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests batches that come too late: cancelled, harvested, and the rest sent one by one. */
class FallbackJourneyTest {
  @TempDir private Path folder;
  private final TestTime time = new TestTime();
  private CountingProvider provider;
  private TestCaravan caravan;

  @BeforeEach
  void prepare() throws IOException {
    provider = new CountingProvider().withBatchesOf(Duration.ofHours(1));
    provider.single().priced("0.0000004", "0.0000016");
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .withClock(time)
            .with("caravan.late.look", "200ms")
            .with("caravan.synchronous.initial-backoff", "50ms")
            .with("caravan.synchronous.max-backoff", "200ms")
            .with("caravan.intake.quiet", "0ms");
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  /** Starts with these properties in the default pipeline. */
  private void start(String... properties) throws IOException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Path file = routes.resolve("pipelines/default.camel.yaml");
    String more =
        String.join(
            "", java.util.stream.Stream.of(properties).map(it -> "        " + it + "\n").toList());
    Files.writeString(
        file,
        Files.readString(file).replace("        strict: false", more + "        strict: false"));
    caravan.with("caravan.routes", routes).start();
  }

  private static String[] lines(int requests) {
    return IntStream.rangeClosed(1, requests)
        .mapToObj(FallbackJourneyTest::line)
        .toArray(String[]::new);
  }

  private static String line(int number) {
    return """
    {"custom_id": "r%1$s", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4.1-mini", "max_tokens": 100, "messages": [{"role": "user", "content": "question r%1$s"}]}}\
    """
        .formatted(number);
  }

  private void awaitBatch() {
    await().atMost(Duration.ofSeconds(60)).until(() -> provider.calls("retrieve") > 0);
  }

  /** How many results name each way. */
  private static Map<String, Long> ways(Outcome outcome) {
    var ways = new HashMap<String, Long>();
    for (JsonNode result : outcome.results()) {
      ways.merge(result.path("way").asText("-"), 1L, Long::sum);
    }
    return ways;
  }

  private void nobodyPaidTwice(int requests) {
    var paid = new HashMap<String, Long>(provider.single().paid());
    provider.account().batches().forEach(batch -> batch.customIds());
    assertThat(paid.values()).allMatch(times -> times == 1);
    assertThat(paid.size()).isLessThanOrEqualTo(requests);
  }

  @Test
  void sendsOnlyWhatALateBatchLeaves() throws Exception {
    start(
        "deadline: 4h",
        "fallback.when: deadline",
        "fallback.ladder: flex, standard",
        "fallback.riskBuffer: 1h",
        "fallback.maxCost: \"1\"");
    provider
        .single()
        .withoutCapacity((name, attempt) -> Integer.parseInt(name.substring(1)) % 2 == 0);
    caravan.drop("x.jsonl", lines(8));
    awaitBatch();
    time.shift(Duration.ofMinutes(190));

    Outcome outcome = caravan.awaitReport("x");

    assertThat(outcome.errors()).isEmpty();
    assertThat(ways(outcome)).isEqualTo(Map.of("batch", 4L, "flex", 2L, "standard", 2L));
    nobodyPaidTwice(8);
    assertThat(provider.single().paid()).containsOnlyKeys("r5", "r6", "r7", "r8");
    JsonNode report = outcome.report();
    assertThat(report.at("/answered/flex").asInt()).isEqualTo(2);
    assertThat(report.at("/fallback/requests").asInt()).isEqualTo(4);
    assertThat(report.at("/fallback/reasons/0").asText()).isEqualTo("deadline");
    assertThat(report.at("/fallback/cost_usd").decimalValue())
        .isBetween(
            provider.single().cost(), provider.single().cost().add(new BigDecimal("0.000003")));
    assertThat(report.path("late").asBoolean()).isFalse();
    assertThat(outcome.results())
        .filteredOn(it -> it.path("way").asText().equals("flex"))
        .allMatch(it -> it.path("service_tier").asText().equals("flex"));
  }

  @Tag("thorough")
  @Test
  void keepsToTheLimitOfMoney() throws Exception {
    start("fallback.when: failed", "fallback.ladder: standard", "fallback.maxCost: \"0.002\"");
    provider.ending(ids -> Ending.failed("broken", "broken batch")).withBatchesOf(Duration.ZERO);
    provider.single().withAnswersOf(100); // 0.00016 USD each, and a little for the prompt
    caravan.drop("x.jsonl", lines(20));

    Outcome outcome = caravan.awaitReport("x");

    assertThat(outcome.results()).hasSizeBetween(10, 12);
    assertThat(provider.single().cost()).isPositive().isLessThanOrEqualTo(new BigDecimal("0.002"));
    assertThat(outcome.results()).hasSize(provider.single().paid().size());
    assertThat(outcome.errors())
        .hasSize(20 - outcome.results().size())
        .allMatch(it -> it.at("/error/code").asText().equals("fallback_cost_limit"));
    nobodyPaidTwice(20);
  }

  @Tag("thorough")
  @Test
  void neverPaysFullPriceWithoutALimit() throws Exception {
    start("fallback.when: failed", "fallback.ladder: flex, standard");
    provider.ending(ids -> Ending.failed("broken", "broken batch")).withBatchesOf(Duration.ZERO);
    provider.single().withoutCapacity((name, attempt) -> true);
    caravan.drop("x.jsonl", lines(2));

    Outcome outcome = caravan.awaitReport("x");

    assertThat(outcome.results()).isEmpty();
    assertThat(outcome.errors()).hasSize(2);
    assertThat(provider.single().seen()).allMatch(call -> call.tier().equals("flex"));
    assertThat(provider.single().cost()).isZero();
  }

  @Tag("thorough")
  @Test
  void keepsFinalErrorsAndRunsTheRest() throws Exception {
    start("fallback.when: failed", "fallback.ladder: flex");
    provider.ending(ids -> Ending.failed("broken", "broken batch")).withBatchesOf(Duration.ZERO);
    provider.single().answering((name, attempt) -> name.equals("r1") ? 400 : 200);
    caravan.drop("x.jsonl", lines(3));

    Outcome outcome = caravan.awaitReport("x");

    assertThat(ways(outcome)).isEqualTo(Map.of("flex", 2L));
    assertThat(outcome.errors())
        .singleElement()
        .matches(it -> it.at("/response/status_code").asInt() == 400);
  }

  @Tag("thorough")
  @Test
  void runsAFileWithoutABatch() throws Exception {
    start("mode: synchronous");
    caravan.drop("x.jsonl", lines(5));

    Outcome outcome = caravan.awaitReport("x");

    assertThat(outcome.results()).hasSize(5);
    assertThat(provider.calls("create")).isZero();
    nobodyPaidTwice(5);
  }

  @Tag("thorough")
  @Test
  void runsASmallFileOfAHybridPipelineAtOnce() throws Exception {
    start("mode: hybrid", "minRequests: \"5\"", "fallback.maxCost: \"1\"");
    caravan.drop("small.jsonl", lines(4));

    assertThat(ways(caravan.awaitReport("small"))).isEqualTo(Map.of("flex", 4L));
    assertThat(provider.calls("create")).isZero();
    caravan.drop("large.jsonl", lines(6));
    awaitBatch();
    assertThat(provider.calls("create")).isEqualTo(1);
  }

  @Tag("thorough")
  @Test
  void endsTheCallsOfACancelledJob() throws Exception {
    caravan
        .with("caravan.operator.token", "operator-token-1")
        .with("caravan.synchronous.initial-backoff", "1m")
        .with("caravan.synchronous.max-backoff", "1m");
    start("mode: synchronous");
    provider.single().answering((name, attempt) -> name.endsWith("r1") ? 200 : 503);
    caravan.drop("x.jsonl", lines(3));
    await().atMost(Duration.ofSeconds(60)).until(() -> provider.single().seen().size() >= 3);

    caravan.operate(
        "POST", "/" + caravan.newestJob("operator-token-1") + "/cancel", "operator-token-1");

    Outcome outcome = caravan.awaitReport("x");
    assertThat(outcome.results()).hasSize(1);
    assertThat(outcome.errors()).hasSize(2);
  }
}

package io.caravan.routes.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Ending;
import io.caravan.routes.fake.SingleEndpoint.Seen;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills Caravan in each tier of a fall-back, and counts what the provider was paid for. */
@Tag("thorough")
class FallbackKillIT {
  private static final int REQUESTS = 80;
  private static final BigDecimal LIMIT = new BigDecimal("0.05");
  private static final String LINE =
      """
      {"custom_id": "r%1$s", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4.1-mini", "max_tokens": 100, "messages": [{"role": "user", "content": "r%1$s"}]}}\
      """;

  @Test
  void repeatsOnlyWhatWasInFlight(@TempDir Path folder) throws Exception {
    try (var provider = new CountingProvider()) {
      provider
          .withBatchesOf(Duration.ZERO)
          .ending(ids -> Ending.failed("broken", "broken batch"))
          .single()
          .priced("0.0000004", "0.0000016")
          .withoutCapacity((name, attempt) -> number(name) % 2 == 0)
          .answering((name, attempt) -> slowly());
      Map<String, String> variables = variables(folder, provider);
      Files.createDirectories(folder.resolve("inbox"));
      Files.write(folder.resolve("inbox/x.jsonl"), lines());

      killOnce(folder, variables, provider, "flex", 20);
      killOnce(folder, variables, provider, "default", 10);
      try (var last = CaravanProcess.start(folder, variables)) {
        List<Outcome> outcomes =
            await(last.output())
                .atMost(Duration.ofMinutes(3))
                .until(() -> Outcome.all(folder.resolve("outbox"), "x"), it -> !it.isEmpty());
        check(outcomes.getFirst(), provider);
      }
    }
  }

  private static void killOnce(
      Path folder,
      Map<String, String> variables,
      CountingProvider provider,
      String tier,
      long calls)
      throws Exception {
    long before = seen(provider, tier);
    try (var killed = CaravanProcess.start(folder, variables)) {
      await(killed.output())
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> seen(provider, tier) >= before + calls);
      killed.kill();
    }
  }

  private static long seen(CountingProvider provider, String tier) {
    return provider.single().seen().stream().filter(call -> call.tier().equals(tier)).count();
  }

  private static int slowly() {
    try {
      Thread.sleep(20); // the fake answers one call after the other
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 200;
  }

  private static int number(String name) {
    return Integer.parseInt(name.substring(1));
  }

  private static Map<String, String> variables(Path folder, CountingProvider provider)
      throws IOException {
    Path routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Path pipeline = routes.resolve("pipelines/default.camel.yaml");
    String strict = "        strict: false";
    String indent = strict.substring(0, strict.indexOf('s'));
    Files.writeString(
        pipeline,
        Files.readString(pipeline)
            .replace(
                strict,
                String.join(
                    "\n" + indent,
                    indent + "fallback.when: failed",
                    "fallback.ladder: flex, standard",
                    "fallback.maxCost: \"%s\"".formatted(LIMIT),
                    "strict: false")));
    var variables = new HashMap<>(provider.variables());
    variables.put("CARAVAN_ROUTES", routes.toString());
    variables.put("CARAVAN_SYNCHRONOUS_INITIAL_BACKOFF", "50ms");
    variables.put("CARAVAN_SYNCHRONOUS_MAX_BACKOFF", "200ms");
    return variables;
  }

  private static List<String> lines() {
    return IntStream.rangeClosed(1, REQUESTS).mapToObj(LINE::formatted).toList();
  }

  private static void check(Outcome outcome, CountingProvider provider) {
    JsonNode fallback = outcome.report().path("fallback");
    Map<String, Long> paid = provider.single().paid();
    long again = paid.values().stream().mapToLong(times -> times - 1).sum();

    assertThat(outcome.results()).hasSize(REQUESTS);
    assertThat(outcome.errors()).isEmpty();
    assertThat(paid).hasSize(REQUESTS);
    assertThat(again)
        .as("paid again: " + provider.single().seen().stream().map(Seen::name).toList())
        .isLessThanOrEqualTo(fallback.path("calls_repeated").asLong());
    assertThat(fallback.path("calls_repeated").asLong()).isBetween(1L, 64L);
    assertThat(fallback.path("cost_usd").decimalValue())
        .isGreaterThanOrEqualTo(provider.single().cost())
        .isLessThanOrEqualTo(LIMIT);
  }
}

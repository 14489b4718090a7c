package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests cost limits with the shipped routes. */
class MaxCostJourneyTest {
  private static final String TOKEN = "sixteen-characters";

  private static CountingProvider provider;
  private static TestCaravan caravan;

  /** In a batch, gpt-4.1-nano costs $0.05 per million input tokens and $0.20 per million output. */
  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(7);
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .with("caravan.max-cost.file", "0.0009")
            .with("caravan.max-cost.day", "0.0012")
            .with("caravan.max-cost.output-tokens", "1000")
            .with("caravan.operator.token", TOKEN)
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  @Test
  void holdsExpensiveJobUntilAnOperatorRetriesIt() throws IOException {
    caravan.drop("cheap.jsonl", Line.chats("cheap", 2));
    Outcome cheap = caravan.awaitReport("cheap").counts(2, 2, 0);
    assertThat(cheap.report().path("estimated_cost_usd").asDouble()).isBetween(0.0004, 0.00045);

    String dear = held("dear", Line.chats("dear", 5));
    assertThat(job(dear)).contains("caravan.max-cost.file");
    String unknown = held("unknown", Line.chat("r-1", "x").replace("gpt-4.1-nano", "gpt-none"));
    assertThat(job(unknown)).contains("no price of gpt-none");
    String late = held("late", Line.chats("late", 4));
    assertThat(job(late)).contains("caravan.max-cost.day");

    assertThat(provider.account().uploads()).hasSize(1);
    for (String job : new String[] {dear, unknown}) {
      assertThat(caravan.operate("POST", "/" + job + "/retry", TOKEN).statusCode()).isEqualTo(200);
    }
    assertThat(caravan.operate("POST", "/" + late + "/cancel", TOKEN).statusCode()).isEqualTo(200);
    caravan.awaitReport("dear").counts(5, 5, 0);
    caravan.awaitReport("unknown").counts(1, 1, 0);
    caravan.awaitReport("late").counts(4, 0, 4);
    assertThat(provider.account().uploads()).hasSize(3);
  }

  private static String held(String name, String... lines) throws IOException {
    caravan.drop(name + ".jsonl", lines);
    return await(name + " is held")
        .until(
            () ->
                Outcome.parse(caravan.operate("GET", "?limit=1", TOKEN).body())
                    .path("jobs")
                    .path(0),
            job ->
                job.toString().contains(name + ".jsonl")
                    && job.toString().contains("held for release"))
        .path("id")
        .asText();
  }

  private static String job(String id) throws IOException {
    return caravan.operate("GET", "/" + id, TOKEN).body();
  }
}

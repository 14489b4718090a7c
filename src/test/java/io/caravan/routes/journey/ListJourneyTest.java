package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import io.caravan.routes.fake.TestTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that statuses of many batches come from the provider's list. */
class ListJourneyTest {
  private static final String TOKEN = "operators-only-0123456789";
  private static final int BATCHES = 130;
  private static final Duration POLL = Duration.ofSeconds(60);

  /** After this time all batches are due soon, but not yet, however long submission took. */
  private static final Duration MOST_OF_IT = Duration.ofSeconds(42);

  private final TestTime time = new TestTime();
  private CountingProvider provider;
  private TestCaravan caravan;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    provider = new CountingProvider(1).withBatchesOf(Duration.ofHours(1));
    caravan =
        TestCaravan.in(folder)
            .withClock(time)
            .at(provider)
            .with("caravan.providers.openai.max-requests", 1)
            .with("caravan.operator.token", TOKEN)
            .with("caravan.poll.initial", POLL.toSeconds() + "s")
            .with("caravan.poll.max", POLL.toSeconds() + "s")
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
  }

  private void submit() throws IOException {
    caravan.drop("many.jsonl", Line.chats("many", BATCHES));
    await("all batches")
        .atMost(Duration.ofSeconds(60))
        .until(() -> provider.account().batches().size() == BATCHES);
  }

  private void awaitCalls(String call, int calls) {
    await(calls + " times " + call).until(() -> provider.calls(call) >= calls);
  }

  private boolean areDueAgainMuchLater() throws IOException {
    String job = "/" + caravan.newestJob(TOKEN);
    JsonNode parts = Outcome.parse(caravan.operate("GET", job, TOKEN).body()).path("parts");
    Instant later = time.instant().plus(POLL.multipliedBy(2).dividedBy(3));
    return parts.size() == BATCHES
        && parts
            .valueStream()
            .allMatch(part -> Instant.parse(part.path("due_at").asText()).isAfter(later));
  }

  @Test
  void readsAHundredStatusesPerCall() throws IOException {
    submit();

    time.shift(MOST_OF_IT);
    awaitCalls("list-batches", 1);
    await("the statuses of the list are stored").until(this::areDueAgainMuchLater);
    int alone = provider.calls("retrieve");
    provider.account().endAll();
    time.shift(POLL.plusSeconds(5));

    caravan.awaitReport("many").counts(BATCHES, BATCHES, 0);
    assertThat(alone).as("polled one by one while nothing changed").isLessThan(BATCHES / 2);
    assertThat(provider.calls("retrieve") - alone).as("one more poll each").isEqualTo(BATCHES);
  }

  @Test
  @Tag("thorough")
  void pollsOneByOneWithoutAList() throws IOException {
    submit();
    provider.onListBatches(Fault.refused(404, "{}"));

    time.shift(MOST_OF_IT);
    awaitCalls("list-batches", 1);
    time.shift(POLL);
    awaitCalls("retrieve", BATCHES);
    await("each status is stored").until(this::areDueAgainMuchLater);
    provider.account().endAll();
    time.shift(POLL.plusSeconds(5));

    caravan.awaitReport("many").counts(BATCHES, BATCHES, 0);
    assertThat(provider.calls("list-batches")).isEqualTo(1);
  }
}

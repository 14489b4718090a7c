package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caravan.job.send.QueueLimits;
import io.caravan.job.send.TokenRates;
import io.caravan.job.source.SourceLocks;
import io.caravan.jsonl.tokens.Prompts;
import io.caravan.jsonl.tokens.Tokens;
import io.caravan.lease.Replica;
import io.caravan.lease.StaleRowException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contract of replicas: leases, and shared data other than jobs and parts. */
abstract class ReplicaContract {
  private Processes processes;

  /** Opens an empty database. */
  abstract Processes open();

  @BeforeEach
  void openDatabase() {
    processes = open();
  }

  @Test
  void holdsRowsWhileLeaseIsValid() {
    Replica replica = processes.replica();

    assertThat(replica.holds(replica.id())).isTrue();
    assertThat(replica.holds(null)).as("not held").isTrue();
    assertThat(replica.holds("somebody else")).isFalse();
    assertThat(processes.replica().id()).isNotEqualTo(replica.id());
    assertThat(replica.alive()).hasSize(2);
  }

  @Test
  void holdsNothingAfterLeaseExpires() {
    Replica replica = processes.replica(Duration.ofMillis(200));
    String id = replica.id();

    await().until(() -> !replica.holds(id));
    assertThatThrownBy(() -> replica.check(id)).isInstanceOf(StaleRowException.class);
    assertThat(replica.alive()).isEmpty();
  }

  @Test
  void keepsIdWhileLeaseIsRenewed() {
    Replica replica = processes.replica();
    String id = replica.id();

    replica.renew();

    assertThat(replica.id()).isEqualTo(id);
  }

  @Test
  void continuesUnderNewIdAfterLeaseExpires() {
    Replica replica = processes.replica();
    String before = replica.id();
    processes.lapse();

    replica.renew();

    assertThat(replica.id()).isNotEqualTo(before);
    assertThat(replica.holds(before)).as("claimed under the old id").isFalse();
    assertThat(replica.holds(replica.id())).isTrue();
  }

  @Test
  void renewsLeaseAndReleasesItOnClose() {
    var replica = new Replica(processes.jdbc(), processes.database(), Duration.ofMillis(500));
    try (replica) {
      String id = replica.start().id();

      await()
          .during(Duration.ofMillis(1200))
          .until(() -> replica.id().equals(id) && replica.holds(id));
    }

    assertThat(replica.alive()).isEmpty();
  }

  @Test
  void locksSourceExclusively() {
    SourceLocks mine = processes.sourceLocks(processes.replica());
    SourceLocks other = processes.sourceLocks(processes.replica());

    assertThat(mine.begin("inbox/x")).isTrue();
    assertThat(mine.begin("inbox/x")).as("by another thread").isFalse();
    assertThat(other.begin("inbox/x")).isFalse();
    assertThat(other.begin("inbox/y")).isTrue();
    other.end("inbox/x");
    assertThat(other.begin("inbox/x")).as("unlocked by another replica").isFalse();
    mine.end("inbox/x");
    assertThat(other.begin("inbox/x")).isTrue();
  }

  @Test
  void takesOverSourceAfterLeaseExpires() {
    processes.sourceLocks(processes.replica()).begin("inbox/x");
    processes.lapse();

    assertThat(processes.sourceLocks(processes.replica()).begin("inbox/x")).isTrue();
  }

  @Test
  void storesCancellations() {
    Store store = processes.store();
    Part part = inProgress(store, "a", PartStatus.SUBMITTED).getFirst();
    store.jobs().update(part, b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(60))));
    store.jobs().accept(job("b"), false);

    processes.cancellations().request("a", NOON);
    processes.cancellations().request("a", NOON.plusSeconds(1));

    assertThat(processes.cancellations().requested("a")).isTrue();
    assertThat(processes.cancellations().requested("b")).isFalse();
    assertThat(store.jobs().part("a-1").orElseThrow().schedule().dueAt())
        .as("due now")
        .isEqualTo(NOON);
  }

  @Test
  void storesLatestQueueLimit() {
    QueueLimits limits = processes.queueLimits();
    assertThat(limits.limit("openai/gpt", NOON)).isEmpty();

    limits.learn("openai/gpt", 90_000, NOON);
    limits.learn("openai/gpt", 200_000, NOON.plusSeconds(1));

    assertThat(limits.limit("openai/gpt", NOON)).hasValue(200_000);
    assertThat(limits.limit("openai/gpt", NOON.plusSeconds(1))).as("long ago").isEmpty();
    assertThat(limits.limit("openai/other", NOON)).isEmpty();
  }

  @Test
  void returnsAllQueueLimitsOfProvider() {
    QueueLimits limits = processes.queueLimits();
    limits.learn("openai/old", 1, NOON);
    limits.learn("openai/a/b", 2, NOON.plusSeconds(1));
    limits.learn("openai2/other", 3, NOON.plusSeconds(1));
    String locked = limits.alone("openai/c", () -> "no limit");

    assertThat(locked).isEqualTo("no limit");
    assertThat(limits.limits("openai", NOON)).isEqualTo(Map.of("a/b", 2L));
  }

  @Test
  void countsPartsWithBatchOrBeingSubmitted() {
    Store store = processes.store();
    List<Part> parts = inProgress(store, "a", PartStatus.values());
    assertThat(parts).hasSize(11);
    List<Part> waiting = inProgress(store, "b", PartStatus.UPLOADED, PartStatus.PLANNED);
    store
        .jobs()
        .update(waiting.getFirst(), b -> b.schedule(b.schedule().withSetback("waits for room")));

    QueueLimits limits = processes.queueLimits();

    assertThat(limits.batches(waiting.getLast()))
        .as("uploading, uploaded, creating, submitted")
        .isEqualTo(4);
    assertThat(limits.batches(with(PartStatus.CREATING, parts))).isEqualTo(3);
    assertThat(limits.batches(waiting.getLast().withProvider("another"))).isZero();
    assertThat(limits.unsent("local")).isEqualTo(2);
  }

  @Test
  void sumsTokensOfOtherPartsInQueue() {
    Store store = processes.store();
    Part asking =
        inProgress(
                store,
                "a",
                PartStatus.UPLOADED,
                PartStatus.CREATING,
                PartStatus.SUBMITTED,
                PartStatus.ENDED)
            .getFirst();
    inProgress(store, "b", PartStatus.SUBMITTED);

    assertThat(processes.queueLimits().inFlight(asking)).isEqualTo(new Tokens(3 * 20, 3 * 3));
    assertThat(processes.queueLimits().inFlight(asking.withModel("another")))
        .isEqualTo(Tokens.NONE);
  }

  @Test
  void learnsTokenRateOfQueue() {
    TokenRates rates = processes.tokenRates();
    Part part =
        part(job("a"), 1)
            .with(b ->
                b.model("learned")
                    .size(b.size().withRequests(10).withTextTokens(100_000).withMediaTokens(0)));
    assertThat(rates.of(part.queue())).isEqualTo(1);

    rates.learn(part, new Prompts(10, 130_000), NOON);
    assertThat(rates.of(part.queue())).isBetween(1.29, 1.3);
    assertThat(processes.tokenRates().of(part.queue())).as("in each replica").isGreaterThan(1.2);
    assertThat(rates.of("local/another")).isEqualTo(1);

    for (int i = 0; i < 500; i++) {
      rates.learn(part, new Prompts(10, 80_000), NOON);
    }
    assertThat(rates.of(part.queue())).as("a new tokenizer").isBetween(0.8, 0.81);

    rates.learn(part, new Prompts(5, 40_000), NOON);
    assertThat(rates.of(part.queue())).as("half of the answers").isBetween(0.8, 0.81);
  }

  @Test
  void ignoresCountsWithoutTextInformation() {
    TokenRates rates = processes.tokenRates();
    Part part =
        part(job("a"), 1)
            .with(b ->
                b.model("unknown")
                    .size(b.size().withRequests(10).withTextTokens(100_000).withMediaTokens(0)));

    rates.learn(part, Prompts.NONE, NOON);
    rates.learn(part, new Prompts(4, 900_000), NOON);
    rates.learn(
        part.with(b -> b.size(b.size().withMediaTokens(765))), new Prompts(10, 900_000), NOON);
    rates.learn(
        part.with(b -> b.size(b.size().withTextTokens(99))), new Prompts(10, 900_000), NOON);
    rates.learn(part.withModel("m".repeat(400)), new Prompts(10, 900_000), NOON);
    assertThat(rates.of(part.queue())).isEqualTo(1);
    assertThat(rates.of(part.withModel("m".repeat(400)).queue())).isEqualTo(1);
  }

  @Test
  void limitsTokenRateToFactorFour() {
    TokenRates rates = processes.tokenRates();
    Part part =
        part(job("a"), 1)
            .with(b ->
                b.model("wild")
                    .size(b.size().withRequests(10).withTextTokens(100_000).withMediaTokens(0)));

    rates.learn(part, new Prompts(10, Long.MAX_VALUE), NOON);
    assertThat(rates.of(part.queue())).isBetween(3.9, 4.0);
    rates.learn(part.withModel("small"), new Prompts(10, 1), NOON);
    assertThat(rates.of("local/small")).isBetween(0.25, 0.27);
  }

  @Test
  void keepsTokenRatesOfLatestThousandQueues() {
    TokenRates rates = processes.tokenRates();
    Part part =
        part(job("a"), 1)
            .with(b ->
                b.model("many")
                    .size(b.size().withRequests(1).withTextTokens(10_000).withMediaTokens(0)));

    for (int i = 0; i <= 1_000; i++) {
      rates.learn(part.withModel("m" + i), new Prompts(1, 20_000), NOON.plusSeconds(i));
    }

    assertThat(rates.of("local/m0")).isEqualTo(1);
    assertThat(rates.of("local/m1")).isGreaterThan(1.8);
    assertThat(rates.of("local/m1000")).isGreaterThan(1.8);
  }

  private static Part with(PartStatus status, List<Part> parts) {
    return parts.stream().filter(part -> part.status() == status).findFirst().orElseThrow();
  }
}

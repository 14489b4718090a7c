package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.WaitingBatches.Asked;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of polling batches in flight through a provider's list, without claims. */
abstract class WaitingContract {
  private static final Instant LATER = NOON.plusSeconds(30);
  private static final Instant LONG_AGO = NOON.minusSeconds(3600);

  private Processes processes;
  private Store store;
  private WaitingBatches waiting;

  /** Opens an empty database. */
  abstract Processes open();

  @BeforeEach
  void openStore() {
    processes = open();
    store = processes.store();
    waiting = processes.waitingBatches();
    inProgress(store, "a", PartStatus.SUBMITTED, PartStatus.SUBMITTED, PartStatus.PLANNED);
    change(
        "a-1",
        b ->
            b.submission(
                b.submission().withBatchId("batch_1").withBatchStatus(BatchStatus.IN_PROGRESS)));
    change(
        "a-2",
        b ->
            b.submission(
                    b.submission().withBatchId("batch_2").withBatchStatus(BatchStatus.VALIDATING))
                .schedule(b.schedule().withDueAt(NOON.plusSeconds(5))));
  }

  private void change(String part, Consumer<PartBuilder> change) {
    store.jobs().update(store.jobs().part(part).orElseThrow(), change);
  }

  private List<WaitingBatch> until(Instant time) {
    return waiting.until(time, LONG_AGO, Set.of());
  }

  @Test
  void returnsBatchesDueByTime() {
    assertThat(until(NOON.minusMillis(1))).isEmpty();
    assertThat(until(NOON)).extracting(WaitingBatch::batchId).containsExactly("batch_1");
    assertThat(until(NOON.plusSeconds(5)))
        .extracting(WaitingBatch::id)
        .containsExactly("a-1", "a-2");
    assertThat(waiting.until(NOON, LONG_AGO, Set.of("local"))).isEmpty();
    assertThat(waiting.until(NOON, NOON, Set.of())).as("job too old").isEmpty();
    assertThat(waiting.count()).containsOnlyKeys("local").containsValue(2);
  }

  @Test
  void skipsHeldParkedAndCancelledBatches() {
    change("a-2", b -> b.schedule(b.schedule().withDueAt(NOON).withParkedAt(NOON)));
    store.claims().claimBatches(NOON, 1, Set.of());

    assertThat(until(LATER)).isEmpty();
    processes.lapse();
    assertThat(until(LATER)).extracting(WaitingBatch::id).containsExactly("a-1");
    processes.cancellations().request("a", NOON);
    assertThat(until(LATER)).isEmpty();
  }

  @Test
  void schedulesNextPoll() {
    change("a-1", b -> b.schedule(b.schedule().withTries(3).withSetback("broken")));

    waiting.askAgain(
        until(LATER).stream()
            .map(batch -> new Asked(batch, new RequestCounts(9, 4, 1), LATER))
            .toList(),
        NOON);

    assertThat(store.jobs().part("a-1").orElseThrow())
        .returns(LATER, part -> part.schedule().dueAt())
        .returns(1, part -> part.submission().polls())
        .returns(4L, part -> part.submission().completed())
        .returns(1L, part -> part.submission().failed())
        .returns(0, part -> part.schedule().tries())
        .returns(null, part -> part.schedule().setback())
        .returns(BatchStatus.IN_PROGRESS, part -> part.submission().batchStatus());
    assertThat(store.claims().nextBatchDue()).contains(LATER);
  }

  @Test
  void findsPartThatWaitsForBatch() {
    change("a-2", b -> b.schedule(b.schedule().withParkedAt(NOON)));

    assertThat(waiting.waitingFor("batch_1", Set.of("local", "other")))
        .containsExactly(new WaitingBatches.Waits("a-1", "local"));
    assertThat(waiting.waitingFor("batch_1", Set.of("other"))).isEmpty();
    assertThat(waiting.waitingFor("batch_1", Set.of())).isEmpty();
    assertThat(waiting.waitingFor("batch_2", Set.of("local"))).as("parked").isEmpty();
    assertThat(waiting.waitingFor("batch_3", Set.of("local"))).isEmpty();
  }

  @Test
  void wakesBatch() {
    change(
        "a-1",
        b ->
            b.schedule(b.schedule().withDueAt(LATER))
                .submission(b.submission().with(s -> s.polls(40))));
    Part before = store.jobs().part("a-1").orElseThrow();

    assertThat(waiting.wake("a-1", NOON)).isTrue();
    assertThat(waiting.wake("a-1", LATER)).as("due sooner").isTrue();

    assertThat(store.jobs().part("a-1").orElseThrow())
        .returns(NOON, part -> part.schedule().dueAt())
        .returns(0, part -> part.submission().polls())
        .returns(before.version(), Part::version);
  }

  @Test
  void wakesHeldBatchOnlyOnceItIsFree() {
    Part held = store.claims().claimBatches(NOON, 1, Set.of()).getFirst();

    assertThat(waiting.wake(held.id(), NOON)).isFalse();
    store.jobs().askAgain(held, b -> b.schedule(b.schedule().withDueAt(LATER)));

    assertThat(waiting.wake(held.id(), NOON)).isTrue();
    assertThat(store.claims().nextBatchDue()).contains(NOON);
  }

  @ParameterizedTest
  @ValueSource(strings = {"claimed", "written", "hurried", "cancelled"})
  void skipsRowsChangedMeanwhile(String meanwhile) {
    change("a-1", b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(1))));
    List<WaitingBatch> seen = until(NOON.plusSeconds(1));
    Instant now = NOON.minusSeconds(9);
    switch (meanwhile) {
      case "claimed" -> store.claims().claimBatches(NOON.plusSeconds(1), 1, Set.of());
      case "written" -> change("a-1", b -> b.schedule(b.schedule().withDueAt(now)));
      case "hurried" -> store.claims().hurry("a", now);
      default -> processes.cancellations().request("a", now);
    }
    Part before = store.jobs().part("a-1").orElseThrow();

    waiting.askAgain(List.of(new Asked(seen.getFirst(), RequestCounts.NONE, LATER)), NOON);

    assertThat(store.jobs().part("a-1")).contains(before);
  }
}

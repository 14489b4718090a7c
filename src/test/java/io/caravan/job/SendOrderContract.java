package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.send.SendOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Contract of which unsent part gets room first, and of what the scheduler holds. */
abstract class SendOrderContract {
  private static final Duration AGEING = Duration.ofMinutes(30);
  private static final int ALL = 100;

  private Processes processes;
  private Store store;
  private SendOrder order;

  /** Opens an empty database. */
  abstract Processes open();

  @BeforeEach
  void openStore() {
    processes = open();
    store = processes.store();
    order = processes.sendOrder();
  }

  private List<Part> sent(String id, int priority, @Nullable String client, int parts) {
    Job job =
        store
            .jobs()
            .accept(
                job(id).with(b -> b.client(client).timing(Timing.NOW.withPriority(priority))),
                false)
            .job();
    List<Part> planned =
        IntStream.rangeClosed(1, parts).mapToObj(number -> part(job, number)).toList();
    store.jobs().plan(job, planned, b -> b.status(JobStatus.IN_PROGRESS));
    return planned;
  }

  private void change(String part, Consumer<PartBuilder> change) {
    store.jobs().update(store.jobs().part(part).orElseThrow(), change);
  }

  private void waitsSince(String part, Instant since) {
    change(
        part,
        b ->
            b.submission(b.submission().withRoomSince(since))
                .schedule(b.schedule().waiting(NOON.plusSeconds(3600), "waits")));
  }

  private List<String> before(String part, Instant now) {
    return order.before(store.jobs().part(part).orElseThrow(), now, AGEING, ALL);
  }

  @Test
  void putsTheHigherPriorityFirst() {
    sent("low", 2, null, 1);
    sent("high", 9, null, 1);
    sent("usual", 5, null, 1);

    assertThat(before("low-1", NOON)).containsExactly("high-1", "usual-1");
    assertThat(before("usual-1", NOON)).containsExactly("high-1");
    assertThat(before("high-1", NOON)).isEmpty();
  }

  @Test
  void raisesThePriorityOfWhatWaits() {
    sent("low", 2, null, 1);
    sent("high", 5, null, 1);
    waitsSince("low-1", NOON);

    assertThat(before("low-1", NOON.plus(AGEING))).containsExactly("high-1");
    assertThat(before("high-1", NOON.plus(AGEING.multipliedBy(4)))).containsExactly("low-1");
  }

  @Test
  void givesTurnsToClients() {
    sent("a", 5, "alice", 3);
    sent("b", 5, "bob", 1);
    change("a-1", b -> b.status(PartStatus.UPLOADING));

    assertThat(before("a-2", NOON)).containsExactly("b-1");
    assertThat(before("b-1", NOON)).isEmpty();
  }

  @Test
  void ignoresWhatIsNotDueOrParked() {
    sent("low", 2, null, 1);
    sent("later", 9, null, 1);
    sent("parked", 9, null, 1);
    change("later-1", b -> b.schedule(b.schedule().waiting(NOON.plusSeconds(1), "scheduled")));
    change("parked-1", b -> b.schedule(b.schedule().parked("broken", NOON)));

    assertThat(before("low-1", NOON)).isEmpty();
    assertThat(before("low-1", NOON.plusSeconds(1))).containsExactly("later-1");
  }

  @Test
  void ranksTheTokensOfAQueueApart() {
    sent("low", 2, null, 1);
    sent("high", 9, null, 2);
    change("high-1", b -> b.status(PartStatus.UPLOADING));
    change("high-1", b -> b.status(PartStatus.UPLOADED));
    change("low-1", b -> b.status(PartStatus.UPLOADING));
    change("low-1", b -> b.status(PartStatus.UPLOADED));
    change("high-2", b -> b.model("another").status(PartStatus.UPLOADING));
    change("high-2", b -> b.status(PartStatus.UPLOADED));

    Part low = store.jobs().part("low-1").orElseThrow();

    assertThat(order.beforeInQueue(low, NOON, AGEING)).contains("high-1");
    assertThat(order.beforeInQueue(low.withModel("third"), NOON, AGEING)).isEmpty();
  }

  @Test
  void wakesTheNextOne() {
    sent("low", 2, null, 1);
    sent("high", 9, null, 1);
    waitsSince("low-1", NOON);
    waitsSince("high-1", NOON);

    order.wakeNext("local", NOON, AGEING);

    assertThat(store.jobs().part("low-1").orElseThrow().schedule().dueAt()).isAfter(NOON);
    assertThat(store.jobs().part("high-1").orElseThrow().schedule().dueAt()).isBefore(NOON);
  }

  @Test
  void claimsTheUrgentFirst() {
    sent("low", 2, null, 3);
    sent("high", 9, null, 2);

    assertThat(store.claims().claimParts(NOON, 3, java.util.Set.of()))
        .extracting(Part::jobId)
        .contains("high", "low")
        .filteredOn("high"::equals)
        .hasSize(2);
  }

  @Test
  void remembersThatTheSchedulerWasStopped() {
    var scheduler = processes.scheduler();
    assertThat(scheduler.state().running()).isTrue();

    scheduler.stop(NOON);
    scheduler.stop(NOON.plusSeconds(9));
    assertThat(processes.scheduler().state())
        .returns(false, it -> it.running())
        .returns(NOON, it -> it.stoppedAt());

    scheduler.start(NOON.plusSeconds(60));
    scheduler.start(NOON.plusSeconds(90));
    assertThat(scheduler.state().running()).isTrue();
    assertThat(scheduler.state().sendAt(NOON.plusSeconds(5))).isEqualTo(NOON.plusSeconds(60));
    assertThat(scheduler.state().sendAt(NOON.minusSeconds(5))).isEqualTo(NOON.minusSeconds(5));
    assertThat(scheduler.state().sendAt(NOON.plusSeconds(61))).isEqualTo(NOON.plusSeconds(61));
  }

  @Test
  void namesWhatScheduledJobsHaveLeft() {
    var scheduler = processes.scheduler();
    sent("now", 5, null, 1);
    sent("two", 5, null, 1);
    sent("one", 5, null, 1);
    change(store.jobs().job("two").orElseThrow(), NOON.plusSeconds(2));
    change(store.jobs().job("one").orElseThrow(), NOON.plusSeconds(1));

    assertThat(scheduler.held(null, ALL)).containsExactly("one", "two");
    assertThat(scheduler.held("default", ALL)).hasSize(2);
    assertThat(scheduler.held("other", ALL)).isEmpty();
    scheduler.sendNow("one", NOON);
    assertThat(scheduler.held(null, ALL)).containsExactly("two");
    change("two-1", b -> b.status(PartStatus.UPLOADING));
    assertThat(scheduler.held(null, ALL)).isEmpty();
  }

  @Test
  void sharesTheMoneyOfAJobAmongItsParts() {
    var budgets = processes.callBudgets();

    assertThat(budgets.take("a-1", "a", 60, 100)).isTrue();
    assertThat(budgets.take("a-2", "a", 41, 100)).isFalse();
    assertThat(budgets.take("a-2", "a", 40, 100)).isTrue();
    assertThat(budgets.take("b-1", "b", 100, 100)).isTrue();
    assertThat(budgets.taken("a-1")).isEqualTo(60);
    budgets.settle("a-1", 10);
    assertThat(budgets.take("a-2", "a", 50, 100)).isTrue();
    assertThat(budgets.take("a-2", "a", 1, 100)).isFalse();
    assertThat(budgets.taken("a-2")).isEqualTo(90);
    assertThat(budgets.taken("none")).isZero();
  }

  @Test
  void cutsABatchShortOnce() {
    sent("a", 5, null, 2);
    change("a-1", b -> b.status(PartStatus.UPLOADING));
    change("a-1", b -> b.status(PartStatus.UPLOADED));
    change("a-1", b -> b.status(PartStatus.CREATING));
    change(
        "a-1",
        b ->
            b.status(PartStatus.SUBMITTED)
                .submission(b.submission().withBatchId("batch_1").withSubmittedAt(NOON)));
    var late = processes.lateParts();

    assertThat(late.submittedBefore(NOON, ALL)).isEmpty();
    var found = late.submittedBefore(NOON.plusSeconds(1), ALL).getFirst();
    assertThat(found)
        .returns("a-1", it -> it.part())
        .returns("batch_1", it -> it.batch())
        .returns(NOON, it -> it.countedAt());
    assertThat(late.cut("a-1", found.version() - 1, CutShort.STUCK, NOON)).isFalse();
    assertThat(late.cut("a-1", found.version(), CutShort.STUCK, NOON)).isTrue();
    assertThat(late.cut("a-1", found.version() + 1, CutShort.DEADLINE, NOON)).isFalse();
    assertThat(store.jobs().part("a-1").orElseThrow().calls().cutShort()).isEqualTo(CutShort.STUCK);
  }

  @Test
  void expectsAnswersByTheCountsOfABatch() {
    List<Part> parts = sent("a", 5, null, 1);
    Job job = store.jobs().job("a").orElseThrow();
    Part running =
        parts
            .getFirst()
            .with(b ->
                b.status(PartStatus.SUBMITTED)
                    .size(b.size().withRequests(100))
                    .submission(b.submission().with(s -> s.submittedAt(NOON).completed(25))));
    Instant now = NOON.plusSeconds(600);
    Job needed = job.withTiming(job.timing().withDeadlineAt(NOON.plusSeconds(2400 + 899)));

    var forecast = processes.forecasts().of(needed, NOON, List.of(running), now);

    assertThat(forecast.answeredAt()).isEqualTo(NOON.plusSeconds(2400));
    assertThat(forecast.atRisk()).isTrue();
    assertThat(processes.forecasts().of(job, NOON.plusSeconds(60), parts, NOON).answeredAt())
        .as("of an unknown provider")
        .isEqualTo(NOON.plusSeconds(3660));
  }

  @Test
  void namesJobsByTheirDeadline() {
    sent("late", 5, null, 1);
    Job job = store.jobs().job("late").orElseThrow();
    store.jobs().update(job, b -> b.timing(job.timing().withDeadlineAt(NOON.plusSeconds(5))));

    assertThat(processes.lateParts().neededBefore(NOON.plusSeconds(6), ALL))
        .containsExactly("late");
    assertThat(processes.lateParts().neededBefore(NOON.plusSeconds(5), ALL)).isEmpty();
  }

  @Test
  void claimsCallsApart() {
    sent("a", 5, null, 2);
    change("a-1", b -> b.calls(b.calls().withWay(Way.FLEX)));

    assertThat(store.claims().claimCalls(NOON, ALL, java.util.Set.of()))
        .extracting(Part::id)
        .containsExactly("a-1");
    assertThat(store.claims().claimParts(NOON, ALL, java.util.Set.of()))
        .extracting(Part::id)
        .containsExactly("a-2");
  }

  private void change(Job job, Instant sendAt) {
    store
        .jobs()
        .update(job, b -> b.timing(job.timing().with(t -> t.sendAt(sendAt).sendSchedule("02:00"))));
  }
}

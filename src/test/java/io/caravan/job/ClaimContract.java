package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.Logged;
import io.caravan.lease.StaleRowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of claims in every store: each row is claimed once, and only when it is due. */
abstract class ClaimContract {
  private Processes processes;
  private Store store;
  private Store other;

  /** Opens an empty database. */
  abstract Processes open();

  @BeforeEach
  void openStore() {
    processes = open();
    store = processes.store();
    other = processes.store();
  }

  @Test
  void claimsJobOnce() {
    store.jobs().accept(job("a"), false);

    assertThat(store.claims().claimJobs(NOON, 10)).extracting(Job::id).containsExactly("a");
    assertThat(store.claims().claimJobs(NOON, 10)).isEmpty();
    assertThat(other.claims().claimJobs(NOON, 10)).isEmpty();
  }

  @Test
  void claimsOnlyDueRows() {
    store
        .jobs()
        .accept(job("a").with(b -> b.schedule(b.schedule().withDueAt(NOON.plusMillis(1)))), false);

    assertThat(store.claims().claimJobs(NOON, 10)).isEmpty();
    assertThat(store.claims().claimJobs(NOON.plusMillis(1), 10)).hasSize(1);
  }

  @Test
  void claimsLongestDueFirst() {
    for (int i : new int[] {3, 1, 2}) {
      store
          .jobs()
          .accept(
              job("j" + i).with(b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(i)))),
              false);
    }

    assertThat(store.claims().claimJobs(NOON.plusSeconds(9), 2))
        .extracting(Job::id)
        .containsExactlyInAnyOrder("j1", "j2");
    assertThat(store.claims().claimJobs(NOON.plusSeconds(9), 2))
        .extracting(Job::id)
        .containsExactly("j3");
  }

  @ParameterizedTest
  @EnumSource
  void claimsJobsWithNextStep(JobStatus status) {
    store.jobs().accept(job("a").withStatus(status), false);

    assertThat(store.claims().claimJobs(NOON, 10)).hasSize(status == JobStatus.RELEASED ? 0 : 1);
  }

  @ParameterizedTest
  @EnumSource
  void claimsJobInProgressWhenAllPartsAreTerminal(PartStatus last) {
    inProgress(store, "a", PartStatus.SETTLED, last, PartStatus.DIVIDED);

    assertThat(store.claims().claimJobs(NOON, 10)).hasSize(last.terminal() ? 1 : 0);
  }

  @Test
  void claimsJobInProgressWithoutParts() {
    inProgress(store, "a");

    assertThat(store.claims().claimJobs(NOON, 10)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void claimsPartsAndBatchesByStep(PartStatus status) {
    inProgress(store, "a", status);

    assertThat(store.claims().claimParts(NOON, 10, Set.of()))
        .hasSize(
            switch (status) {
              case PLANNED, UPLOADING, UPLOADED, CREATING, ENDED, RETRIEVED, REFUSED -> 1;
              case CALLING, SUBMITTED, SETTLED, DIVIDED -> 0;
            });
    assertThat(store.claims().claimBatches(NOON, 10, Set.of()))
        .hasSize(status == PartStatus.SUBMITTED ? 1 : 0);
  }

  @Test
  void claimsReleasedRowAgain() {
    inProgress(store, "a", PartStatus.PLANNED);
    Part part = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
    store.claims().release(part);
    store.claims().release(part); // no effect

    assertThat(store.claims().claimParts(NOON, 1, Set.of()))
        .extracting(Part::id)
        .containsExactly(part.id());
  }

  @Test
  void releasesRowWrittenSinceClaim() {
    store.jobs().accept(job("a"), false);
    Job claimed = store.claims().claimJobs(NOON, 1).getFirst();
    Job written = store.jobs().update(claimed, b -> b.schedule(b.schedule().withTries(1)));
    store.claims().release(claimed);

    assertThat(store.claims().claimJobs(NOON, 1))
        .extracting(job -> job.schedule().tries())
        .containsExactly(written.schedule().tries());
  }

  @Test
  void ignoresReleaseByOtherReplica() {
    store.jobs().accept(job("a"), false);
    Job claimed = store.claims().claimJobs(NOON, 1).getFirst();

    other.claims().release(claimed.withOwner("another"));

    assertThat(store.claims().claimJobs(NOON, 1)).isEmpty();
  }

  @Test
  void keepsClaimAcrossWrites() {
    inProgress(store, "a", PartStatus.PLANNED);
    Part claimed = store.claims().claimParts(NOON, 1, Set.of()).getFirst();

    store.jobs().update(claimed, b -> b.status(PartStatus.UPLOADING));

    assertThat(store.claims().claimParts(NOON, 1, Set.of())).isEmpty();
  }

  @Test
  void reclaimsRowsAfterLeaseExpires() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED);
    store.jobs().accept(job("b"), false);
    store.claims().claimParts(NOON, 1, Set.of());
    store.claims().claimBatches(NOON, 1, Set.of());
    store.claims().claimJobs(NOON, 1);

    processes.lapse();
    Store next = processes.store();

    assertThat(next.claims().nextBatchDue()).isPresent();
    assertThat(next.claims().claimParts(NOON, 10, Set.of()))
        .extracting(Part::id)
        .containsExactly("a-1");
    assertThat(next.claims().claimBatches(NOON, 10, Set.of()))
        .extracting(Part::id)
        .containsExactly("a-2");
    assertThat(next.claims().claimJobs(NOON, 10)).extracting(Job::id).containsExactly("b");
  }

  @Test
  void logsTakeoversOncePerReplica() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED, PartStatus.SUBMITTED);
    inProgress(other, "b", PartStatus.PLANNED);
    store.jobs().accept(job("c"), false);
    Part first = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
    store.claims().claimBatches(NOON, 10, Set.of());
    store.claims().claimJobs(NOON, 1);
    other.claims().claimParts(NOON, 10, Set.of());
    processes.lapse();
    Store next = processes.store();
    try (Logged logged = Logged.by(Takeovers.class)) {
      next.claims().claimParts(NOON, 10, Set.of());
      next.claims().claimJobs(NOON, 10);
      next.claims().claimBatches(NOON, 10, Set.of()).forEach(next.claims()::release);
      next.claims().claimBatches(NOON, 10, Set.of());
      next.claims().claimJobs(NOON.plusSeconds(1), 10);
      assertThat(logged.lines()).as("more takeovers may follow").isEmpty();

      next.claims().claimJobs(NOON.plusSeconds(3), 10);
      next.claims().claimJobs(NOON.plusSeconds(9), 10);

      String host = processes.replica().host(String.valueOf(first.owner()));
      assertThat(host).contains("/" + ProcessHandle.current().pid());
      assertThat(logged.lines())
          .containsExactlyInAnyOrder(
              "INFO took over jobs=1 parts=3 of replica=%s, whose lease has ended".formatted(host),
              "INFO took over jobs=0 parts=1 of replica=%s, whose lease has ended".formatted(host));
    }
  }

  @Test
  void rejectsWriteAfterLeaseExpires() {
    Part part = inProgress(store, "a", PartStatus.CREATING).getFirst();
    Part claimed = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
    store.jobs().accept(job("b"), false);
    Job job = store.claims().claimJobs(NOON, 1).getFirst();

    processes.lapse(); // and no other replica has taken over yet

    assertThatThrownBy(() -> store.jobs().update(claimed, b -> b.status(PartStatus.SUBMITTED)))
        .isInstanceOf(StaleRowException.class);
    assertThatThrownBy(() -> store.jobs().update(job, b -> b.schedule(b.schedule().withTries(1))))
        .isInstanceOf(StaleRowException.class);
    assertThat(store.jobs().part(part.id()).orElseThrow().status()).isEqualTo(PartStatus.CREATING);
  }

  @Test
  void rejectsWriteAfterTakeover() {
    inProgress(store, "a", PartStatus.CREATING);
    Part frozen = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
    processes.lapse();
    Part taken = processes.store().claims().claimParts(NOON, 1, Set.of()).getFirst();

    assertThatThrownBy(() -> store.jobs().update(frozen, b -> b.status(PartStatus.SUBMITTED)))
        .isInstanceOf(StaleRowException.class);
    store.claims().release(frozen);

    assertThat(store.jobs().part("a-1")).contains(taken);
  }

  @Test
  void skipsPartsOfExcludedProviders() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED);

    assertThat(store.claims().claimParts(NOON, 10, Set.of("local"))).isEmpty();
    assertThat(store.claims().claimBatches(NOON, 10, Set.of("local"))).isEmpty();
    assertThat(store.claims().claimParts(NOON, 10, Set.of("other"))).hasSize(1);
  }

  @Test
  void skipsParkedRows() {
    Part part = inProgress(store, "a", PartStatus.PLANNED).getFirst();
    store.jobs().update(part, b -> b.schedule(b.schedule().withParkedAt(NOON)));
    store.jobs().accept(job("b").with(b -> b.schedule(b.schedule().withParkedAt(NOON))), false);

    assertThat(store.claims().claimParts(NOON, 10, Set.of())).isEmpty();
    assertThat(store.claims().claimJobs(NOON, 10)).isEmpty();
    assertThat(store.overview().parkedJobs())
        .extracting(Job::id)
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void bringsForwardLaterDueTimes() {
    Part part = inProgress(store, "a", PartStatus.SUBMITTED).getFirst();
    store.jobs().update(part, b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(9000))));
    store
        .jobs()
        .accept(
            job("b").with(b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(9000)))), false);
    store
        .jobs()
        .accept(
            job("c")
                .withStatus(JobStatus.DELIVERED)
                .with(b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(9)))),
            false);

    store.claims().bringForward(NOON);

    assertThat(store.claims().claimBatches(NOON, 10, Set.of())).hasSize(1);
    assertThat(store.claims().claimJobs(NOON, 10)).extracting(Job::id).containsExactly("b");
  }

  @Test
  void claimsEachJobOnceConcurrently() throws Exception {
    IntStream.range(0, 100).forEach(i -> store.jobs().accept(job("j" + i), false));

    assertThat(claimedByMany(s -> s.claims().claimJobs(NOON, 3)))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @Test
  void claimsEachPartOnceConcurrently() throws Exception {
    for (int i = 0; i < 10; i++) {
      inProgress(store, "j" + i, tenTimes(PartStatus.PLANNED));
    }

    assertThat(claimedByMany(s -> s.claims().claimParts(NOON, 3, Set.of())))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @Test
  void claimsEachBatchOnceConcurrently() throws Exception {
    for (int i = 0; i < 10; i++) {
      inProgress(store, "j" + i, tenTimes(PartStatus.SUBMITTED));
    }

    assertThat(claimedByMany(s -> s.claims().claimBatches(NOON, 3, Set.of())))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  private interface Claim {
    List<? extends Claimed> from(Store store);
  }

  /** Three threads of this process and three of another claim rows until none are left. */
  private List<String> claimedByMany(Claim claim) throws Exception {
    try (var pool = Executors.newFixedThreadPool(6)) {
      List<Callable<List<String>>> workers =
          Stream.of(store, other, store, other, store, other)
              .<Callable<List<String>>>map(s -> () -> drain(() -> claim.from(s)))
              .toList();
      return pool.invokeAll(workers).stream().map(Future::resultNow).flatMap(List::stream).toList();
    }
  }

  private static List<String> drain(Supplier<List<? extends Claimed>> claim) {
    var ids = new ArrayList<String>();
    for (var rows = claim.get(); !rows.isEmpty(); rows = claim.get()) {
      rows.forEach(row -> ids.add(row.id()));
    }
    return ids;
  }

  private static PartStatus[] tenTimes(PartStatus status) {
    var statuses = new PartStatus[10];
    Arrays.fill(statuses, status);
    return statuses;
  }
}

package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.Logged;
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
  private BatchStore store;
  private BatchStore other;

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
    store.accept(job("a"), false);

    assertThat(store.claimJobs(NOON, 10)).extracting(Job::id).containsExactly("a");
    assertThat(store.claimJobs(NOON, 10)).isEmpty();
    assertThat(other.claimJobs(NOON, 10)).isEmpty();
  }

  @Test
  void claimsOnlyDueRows() {
    store.accept(job("a").withDueAt(NOON.plusMillis(1)), false);

    assertThat(store.claimJobs(NOON, 10)).isEmpty();
    assertThat(store.claimJobs(NOON.plusMillis(1), 10)).hasSize(1);
  }

  @Test
  void claimsLongestDueFirst() {
    for (int i : new int[] {3, 1, 2}) {
      store.accept(job("j" + i).withDueAt(NOON.plusSeconds(i)), false);
    }

    assertThat(store.claimJobs(NOON.plusSeconds(9), 2))
        .extracting(Job::id)
        .containsExactlyInAnyOrder("j1", "j2");
    assertThat(store.claimJobs(NOON.plusSeconds(9), 2)).extracting(Job::id).containsExactly("j3");
  }

  @ParameterizedTest
  @EnumSource
  void claimsJobsWithNextStep(JobStatus status) {
    store.accept(job("a").withStatus(status), false);

    assertThat(store.claimJobs(NOON, 10)).hasSize(status == JobStatus.RELEASED ? 0 : 1);
  }

  @ParameterizedTest
  @EnumSource
  void claimsJobInProgressWhenAllPartsAreTerminal(PartStatus last) {
    inProgress(store, "a", PartStatus.SETTLED, last, PartStatus.DIVIDED);

    assertThat(store.claimJobs(NOON, 10)).hasSize(last.terminal() ? 1 : 0);
  }

  @Test
  void claimsJobInProgressWithoutParts() {
    inProgress(store, "a");

    assertThat(store.claimJobs(NOON, 10)).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void claimsPartsAndBatchesByStep(PartStatus status) {
    inProgress(store, "a", status);

    assertThat(store.claimParts(NOON, 10, Set.of()))
        .hasSize(
            switch (status) {
              case PLANNED, UPLOADING, UPLOADED, CREATING, ENDED, RETRIEVED, REFUSED -> 1;
              case SUBMITTED, SETTLED, DIVIDED -> 0;
            });
    assertThat(store.claimBatches(NOON, 10, Set.of()))
        .hasSize(status == PartStatus.SUBMITTED ? 1 : 0);
  }

  @Test
  void claimsReleasedRowAgain() {
    inProgress(store, "a", PartStatus.PLANNED);
    Part part = store.claimParts(NOON, 1, Set.of()).getFirst();
    store.release(part);
    store.release(part); // no effect

    assertThat(store.claimParts(NOON, 1, Set.of())).extracting(Part::id).containsExactly(part.id());
  }

  @Test
  void releasesRowWrittenSinceClaim() {
    store.accept(job("a"), false);
    Job claimed = store.claimJobs(NOON, 1).getFirst();
    Job written = store.update(claimed, b -> b.tries(1));
    store.release(claimed);

    assertThat(store.claimJobs(NOON, 1)).extracting(Job::tries).containsExactly(written.tries());
  }

  @Test
  void ignoresReleaseByOtherReplica() {
    store.accept(job("a"), false);
    Job claimed = store.claimJobs(NOON, 1).getFirst();

    other.release(claimed.withOwner("another"));

    assertThat(store.claimJobs(NOON, 1)).isEmpty();
  }

  @Test
  void keepsClaimAcrossWrites() {
    inProgress(store, "a", PartStatus.PLANNED);
    Part claimed = store.claimParts(NOON, 1, Set.of()).getFirst();

    store.update(claimed, b -> b.status(PartStatus.UPLOADING));

    assertThat(store.claimParts(NOON, 1, Set.of())).isEmpty();
  }

  @Test
  void reclaimsRowsAfterLeaseExpires() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED);
    store.accept(job("b"), false);
    store.claimParts(NOON, 1, Set.of());
    store.claimBatches(NOON, 1, Set.of());
    store.claimJobs(NOON, 1);

    processes.lapse();
    BatchStore next = processes.store();

    assertThat(next.nextBatchDue()).isPresent();
    assertThat(next.claimParts(NOON, 10, Set.of())).extracting(Part::id).containsExactly("a-1");
    assertThat(next.claimBatches(NOON, 10, Set.of())).extracting(Part::id).containsExactly("a-2");
    assertThat(next.claimJobs(NOON, 10)).extracting(Job::id).containsExactly("b");
  }

  @Test
  void logsTakeoversOncePerReplica() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED, PartStatus.SUBMITTED);
    inProgress(other, "b", PartStatus.PLANNED);
    store.accept(job("c"), false);
    Part first = store.claimParts(NOON, 1, Set.of()).getFirst();
    store.claimBatches(NOON, 10, Set.of());
    store.claimJobs(NOON, 1);
    other.claimParts(NOON, 10, Set.of());
    processes.lapse();
    BatchStore next = processes.store();
    try (Logged logged = Logged.by(Takeovers.class)) {
      next.claimParts(NOON, 10, Set.of());
      next.claimJobs(NOON, 10);
      next.claimBatches(NOON, 10, Set.of()).forEach(next::release);
      next.claimBatches(NOON, 10, Set.of());
      next.claimJobs(NOON.plusSeconds(1), 10);
      assertThat(logged.lines()).as("more takeovers may follow").isEmpty();

      next.claimJobs(NOON.plusSeconds(3), 10);
      next.claimJobs(NOON.plusSeconds(9), 10);

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
    Part claimed = store.claimParts(NOON, 1, Set.of()).getFirst();
    store.accept(job("b"), false);
    Job job = store.claimJobs(NOON, 1).getFirst();

    processes.lapse(); // and no other replica has taken over yet

    assertThatThrownBy(() -> store.update(claimed, b -> b.status(PartStatus.SUBMITTED)))
        .isInstanceOf(StaleRowException.class);
    assertThatThrownBy(() -> store.update(job, b -> b.tries(1)))
        .isInstanceOf(StaleRowException.class);
    assertThat(store.part(part.id()).orElseThrow().status()).isEqualTo(PartStatus.CREATING);
  }

  @Test
  void rejectsWriteAfterTakeover() {
    inProgress(store, "a", PartStatus.CREATING);
    Part frozen = store.claimParts(NOON, 1, Set.of()).getFirst();
    processes.lapse();
    Part taken = processes.store().claimParts(NOON, 1, Set.of()).getFirst();

    assertThatThrownBy(() -> store.update(frozen, b -> b.status(PartStatus.SUBMITTED)))
        .isInstanceOf(StaleRowException.class);
    store.release(frozen);

    assertThat(store.part("a-1")).contains(taken);
  }

  @Test
  void skipsPartsOfExcludedProviders() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED);

    assertThat(store.claimParts(NOON, 10, Set.of("local"))).isEmpty();
    assertThat(store.claimBatches(NOON, 10, Set.of("local"))).isEmpty();
    assertThat(store.claimParts(NOON, 10, Set.of("other"))).hasSize(1);
  }

  @Test
  void skipsParkedRows() {
    Part part = inProgress(store, "a", PartStatus.PLANNED).getFirst();
    store.update(part, b -> b.parkedAt(NOON));
    store.accept(job("b").withParkedAt(NOON), false);

    assertThat(store.claimParts(NOON, 10, Set.of())).isEmpty();
    assertThat(store.claimJobs(NOON, 10)).isEmpty();
    assertThat(store.parkedJobs()).extracting(Job::id).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void bringsForwardLaterDueTimes() {
    Part part = inProgress(store, "a", PartStatus.SUBMITTED).getFirst();
    store.update(part, b -> b.dueAt(NOON.plusSeconds(9000)));
    store.accept(job("b").withDueAt(NOON.plusSeconds(9000)), false);
    store.accept(job("c").withStatus(JobStatus.DELIVERED).withDueAt(NOON.plusSeconds(9)), false);

    store.bringForward(NOON);

    assertThat(store.claimBatches(NOON, 10, Set.of())).hasSize(1);
    assertThat(store.claimJobs(NOON, 10)).extracting(Job::id).containsExactly("b");
  }

  @Test
  void claimsEachJobOnceConcurrently() throws Exception {
    IntStream.range(0, 100).forEach(i -> store.accept(job("j" + i), false));

    assertThat(claimedByMany(s -> s.claimJobs(NOON, 3))).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void claimsEachPartOnceConcurrently() throws Exception {
    for (int i = 0; i < 10; i++) {
      inProgress(store, "j" + i, tenTimes(PartStatus.PLANNED));
    }

    assertThat(claimedByMany(s -> s.claimParts(NOON, 3, Set.of())))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  @Test
  void claimsEachBatchOnceConcurrently() throws Exception {
    for (int i = 0; i < 10; i++) {
      inProgress(store, "j" + i, tenTimes(PartStatus.SUBMITTED));
    }

    assertThat(claimedByMany(s -> s.claimBatches(NOON, 3, Set.of())))
        .hasSize(100)
        .doesNotHaveDuplicates();
  }

  private interface Claim {
    List<? extends Claimed> from(BatchStore store);
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

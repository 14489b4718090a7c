package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.lease.StaleRowException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;

/** Contract of every store, except for claims. */
abstract class JobStoreContract {
  private Store store;
  private int ids;

  /** Opens an empty database. */
  abstract Processes open();

  /** Opens the database as another process would after the first was killed. */
  abstract Processes afterKill();

  @BeforeEach
  void openStore() {
    store = open().store();
  }

  @Test
  void keepsEveryColumnOfAJob() {
    Job full =
        job("full")
            .with(b ->
                b.pipeline("nightly")
                    .provider("openai")
                    .file(
                        b.file()
                            .with(it ->
                                it.source("/in/größe 雪.jsonl")
                                    .name("größe 雪.jsonl")
                                    .sha256("ab".repeat(32))
                                    .bytes(10_000_000_000L)))
                    .status(JobStatus.DELIVERED)
                    .counts(
                        b.counts()
                            .with(it ->
                                it.requests(7_000_000_001L)
                                    .results(7_000_000_000L)
                                    .errors(1)
                                    .inputTokens(9_000_000_002L)
                                    .outputTokens(9_000_000_003L)))
                    .refusal("no: 'quoted' \"text\"")
                    .acceptedAt(NOON.plusMillis(1))
                    .finishedAt(NOON.plusMillis(2))
                    .schedule(
                        b.schedule()
                            .with(it ->
                                it.dueAt(NOON.plusMillis(3))
                                    .tries(4)
                                    .setback("set\nback")
                                    .parkedAt(NOON.plusMillis(4))))
                    .retryOf("earlier")
                    .version(5));

    store.jobs().accept(full, false);

    assertThat(store.jobs().job("full")).contains(full);
  }

  @Test
  void keepsNullsOfAJob() {
    store.jobs().accept(job("plain"), false);

    assertThat(store.jobs().job("plain")).contains(job("plain"));
  }

  @Test
  void keepsEveryColumnOfAPart() {
    Job job = store.jobs().accept(job("j"), false).job();
    Part full =
        part(job, 1)
            .with(b ->
                b.model("größe 雪")
                    .size(b.size().withRequests(50_000).withBytes(200_000_000_000L))
                    .status(PartStatus.SUBMITTED)
                    .submission(
                        b.submission()
                            .with(it ->
                                it.inputFileId("file-1")
                                    .batchId("batch_1")
                                    .batchStatus(BatchStatus.IN_PROGRESS)
                                    .outputFileId("file-2")
                                    .errorFileId("file-3")
                                    .completed(49_999)
                                    .failed(1)
                                    .batchErrors("[{\"code\":\"x\"}]")
                                    .submittedAt(NOON.plusMillis(1))
                                    .endedAt(NOON.plusMillis(2))
                                    .polls(6)
                                    .uploads(2)
                                    .turnedAway(3)
                                    .unclearSince(NOON.plusMillis(5))
                                    .cancelledAt(NOON.plusMillis(6))))
                    .schedule(
                        b.schedule()
                            .with(it ->
                                it.dueAt(NOON.plusMillis(3))
                                    .tries(7)
                                    .setback("set\nback")
                                    .parkedAt(NOON.plusMillis(4))))
                    .version(8));

    store.jobs().plan(job, List.of(full, part(job, 2)), b -> {});

    assertThat(store.jobs().part("j-1")).contains(full);
    assertThat(store.jobs().parts("j")).containsExactly(full, part(job, 2));
  }

  @Test
  void returnsEmptyForMissingRows() {
    assertThat(store.jobs().job("nobody")).isEmpty();
    assertThat(store.jobs().part("nobody-1")).isEmpty();
    assertThat(store.jobs().parts("nobody")).isEmpty();
    assertThat(store.overview().countJobs()).isEmpty();
    assertThat(store.overview().countParts()).isEmpty();
  }

  @Test
  void returnsPartsInOrder() {
    Job job = store.jobs().accept(job("j"), false).job();
    var parts = IntStream.rangeClosed(1, 12).mapToObj(n -> part(job, n)).toList();

    store.jobs().plan(job, parts.reversed(), b -> {});

    assertThat(store.jobs().parts("j")).isEqualTo(parts);
  }

  @Test
  void plansJobAndPartsInOneTransaction() {
    Job job = store.jobs().accept(job("j"), false).job();

    Job planned =
        store
            .jobs()
            .plan(
                job,
                List.of(part(job, 1)),
                b -> b.status(JobStatus.IN_PROGRESS).counts(b.counts().withRequests(1)));

    assertThat(store.jobs().job("j")).contains(planned);
    assertThat(planned.status()).isEqualTo(JobStatus.IN_PROGRESS);
    assertThat(planned.version()).isEqualTo(job.version() + 1);
  }

  @Test
  void writesPartAndFurtherPartsInOneTransaction() {
    Part part = inProgress(store, "j", PartStatus.RETRIEVED).getFirst();
    Part further = part.further(1, 2, new PartSize(1, 50, 9, 0), NOON);

    Part settled = store.jobs().goOn(part, List.of(further), b -> b.status(PartStatus.SETTLED));

    assertThat(store.jobs().parts("j")).containsExactly(settled, further);
    assertThat(further)
        .returns("j-1.1", Part::id)
        .returns("1.1", Part::name)
        .returns(2, Part::attempt)
        .returns(1, Part::number);
  }

  @Test
  void addsNoFurtherPartsToStalePart() {
    Part part = inProgress(store, "j", PartStatus.RETRIEVED).getFirst();
    store.jobs().update(part, b -> b.status(PartStatus.SETTLED));

    assertThatThrownBy(() ->
            store
                .jobs()
                .goOn(
                    part,
                    List.of(part.further(1, 2, new PartSize(1, 50, 9, 0), NOON)),
                    b -> b.status(PartStatus.SETTLED)))
        .isInstanceOf(StaleRowException.class);
    assertThat(store.jobs().parts("j")).hasSize(1);
  }

  @Test
  void listsLatestJobsFirst() {
    store.jobs().accept(job("a"), false);
    store.jobs().accept(job("b").withAcceptedAt(NOON.plusSeconds(1)), false);
    store.jobs().accept(job("c").withAcceptedAt(NOON.minusSeconds(1)), false);

    assertThat(store.overview().latestJobs(2)).extracting(Job::id).containsExactly("b", "a");
  }

  @Test
  void listsUndeliveredJobs() {
    store
        .jobs()
        .accept(
            job("a")
                .with(b ->
                    b.status(JobStatus.SETTLED).schedule(b.schedule().withSetback("disk full"))),
            false);
    store
        .jobs()
        .accept(
            job("b")
                .with(b ->
                    b.status(JobStatus.ERRORS_DELIVERED).schedule(b.schedule().withSetback("no"))),
            false);
    store.jobs().accept(job("c").with(b -> b.status(JobStatus.SETTLED)), false);
    store
        .jobs()
        .accept(
            job("d")
                .with(b ->
                    b.status(JobStatus.ACCEPTED).schedule(b.schedule().withSetback("disk full"))),
            false);

    assertThat(store.overview().undeliveredJobs())
        .extracting(Job::id)
        .containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void plansNothingWhenPartFails() {
    Job job = store.jobs().accept(job("j"), false).job();
    var twice = List.of(part(job, 1), part(job, 1));

    assertThatThrownBy(() -> store.jobs().plan(job, twice, b -> b.status(JobStatus.IN_PROGRESS)))
        .isInstanceOf(DataAccessException.class);

    assertThat(store.jobs().job("j")).contains(job);
    assertThat(store.jobs().parts("j")).isEmpty();
  }

  @Test
  void plansNothingForStaleJob() {
    Job job = store.jobs().accept(job("j"), false).job();
    store.jobs().update(job, b -> b.schedule(b.schedule().withTries(1)));

    assertThatThrownBy(() ->
            store.jobs().plan(job, List.of(part(job, 1)), b -> b.status(JobStatus.IN_PROGRESS)))
        .isInstanceOf(StaleRowException.class);

    assertThat(store.jobs().parts("j")).isEmpty();
  }

  @Test
  void rejectsRepeatedPartKey() {
    Job job = store.jobs().accept(job("j"), false).job();
    var sameKey = List.of(part(job, 1), part(job, 2).withKey(part(job, 1).key()));

    assertThatThrownBy(() -> store.jobs().plan(job, sameKey, b -> {}))
        .isInstanceOf(DataAccessException.class);
  }

  @ParameterizedTest
  @EnumSource
  void allowsOnlyJobTransitionsInTable(JobStatus from) {
    for (JobStatus to : JobStatus.values()) {
      Job job = store.jobs().accept(job(newId()).withStatus(from), false).job();
      if (from == to || from.canBecome(to)) {
        assertThat(store.jobs().job(store.jobs().update(job, b -> b.status(to)).id()))
            .contains(job.with(b -> b.status(to).version(1)));
      } else {
        assertThatThrownBy(() -> store.jobs().update(job, b -> b.status(to)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll(job.id(), from.name(), to.name());
        assertThat(store.jobs().job(job.id())).contains(job);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void allowsOnlyPartTransitionsInTable(PartStatus from) {
    for (PartStatus to : PartStatus.values()) {
      Part part = inProgress(store, newId(), from).getFirst();
      if (from == to || from.canBecome(to)) {
        store.jobs().update(part, b -> b.status(to));
        assertThat(store.jobs().part(part.id())).contains(part.with(b -> b.status(to).version(1)));
      } else {
        assertThatThrownBy(() -> store.jobs().update(part, b -> b.status(to)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll(part.id(), from.name(), to.name());
        assertThat(store.jobs().part(part.id())).contains(part);
      }
    }
  }

  @Test
  void rejectsWriteOfStaleJob() {
    Job read = store.jobs().accept(job("j"), false).job();
    Job changed = store.jobs().update(read, b -> b.schedule(b.schedule().withTries(1)));

    assertThatThrownBy(() -> store.jobs().update(read, b -> b.schedule(b.schedule().withTries(2))))
        .isInstanceOf(StaleRowException.class)
        .hasMessage("job j is no longer at version 0, or another replica holds it");
    assertThat(store.jobs().job("j")).contains(changed);
  }

  @Test
  void rejectsWriteOfStalePart() {
    Part read = inProgress(store, "j", PartStatus.CREATING).getFirst();
    Part changed =
        store
            .jobs()
            .update(
                read,
                b ->
                    b.status(PartStatus.SUBMITTED)
                        .submission(b.submission().withBatchId("batch_1")));

    assertThatThrownBy(() ->
            store
                .jobs()
                .update(
                    read,
                    b ->
                        b.status(PartStatus.SUBMITTED)
                            .submission(b.submission().withBatchId("batch_2"))))
        .isInstanceOf(StaleRowException.class)
        .hasMessage("part j-1 is no longer at version 0, or another replica holds it");
    assertThat(store.jobs().part("j-1")).contains(changed);
  }

  @Test
  void returnsNextBatchDueTime() {
    assertThat(store.claims().nextBatchDue()).isEmpty();
    var parts =
        inProgress(store, "j", PartStatus.SUBMITTED, PartStatus.SUBMITTED, PartStatus.ENDED);
    store.jobs().update(parts.get(0), b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(9))));
    store.jobs().update(parts.get(1), b -> b.schedule(b.schedule().withDueAt(NOON.plusSeconds(5))));

    assertThat(store.claims().nextBatchDue()).contains(NOON.plusSeconds(5));
  }

  @Test
  void ignoresClaimedBatchesInNextDueTime() {
    inProgress(store, "j", PartStatus.SUBMITTED);
    store.claims().claimBatches(NOON, 1, Set.of());

    assertThat(store.claims().nextBatchDue()).isEmpty();
  }

  @Test
  void countsRowsByStatus() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.RETRIEVED);
    inProgress(store, "b", PartStatus.PLANNED);
    store.jobs().accept(job("c"), false);

    assertThat(store.overview().countJobs())
        .isEqualTo(Map.of(JobStatus.IN_PROGRESS, 2L, JobStatus.ACCEPTED, 1L));
    assertThat(store.overview().countParts())
        .isEqualTo(Map.of(PartStatus.PLANNED, 2L, PartStatus.RETRIEVED, 1L));
  }

  @Test
  void reservesPathForOneJob() {
    acceptAll("a", "b");

    assertThat(store.deliveries().reserve("out/x.jsonl", "a", "results")).isTrue();
    assertThat(store.deliveries().reserve("out/x.jsonl", "a", "results"))
        .as("again after a crash")
        .isTrue();
    assertThat(store.deliveries().reserve("out/x.jsonl", "b", "results")).isFalse();
    assertThat(store.deliveries().of("a")).isEqualTo(Map.of("results", "out/x.jsonl"));
    assertThat(store.deliveries().of("b")).isEmpty();
  }

  @Test
  void returnsDeliveriesByKind() {
    acceptAll("a");
    store.deliveries().reserve("out/x.results.jsonl", "a", "results");
    store.deliveries().reserve("out/x.errors.jsonl", "a", "errors");
    store.deliveries().reserve("out/x.report.json", "a", "report");

    assertThat(store.deliveries().of("a"))
        .isEqualTo(
            Map.of(
                "results", "out/x.results.jsonl",
                "errors", "out/x.errors.jsonl",
                "report", "out/x.report.json"));
  }

  @ParameterizedTest
  @EnumSource
  void forfeitsPathOnlyOfFinishedJob(JobStatus status) {
    store.jobs().accept(job("a").withStatus(status), false);
    store.deliveries().reserve("out/x.jsonl", "a", "results");

    assertThat(store.deliveries().forfeit("out/x.jsonl")).isEqualTo(status.finished());
    assertThat(store.deliveries().of("a").isEmpty()).isEqualTo(status.finished());
  }

  @Test
  void forfeitsNoUnreservedPath() {
    assertThat(store.deliveries().forfeit("out/x.jsonl")).isFalse();
  }

  @Test
  void listsAllPathsOfSameJob() {
    acceptAll("a", "b");
    store.deliveries().reserve("default:x", "a", "name");
    store.deliveries().reserve("out/x.results.jsonl", "a", "results");
    store.deliveries().reserve("out/x.b.results.jsonl", "b", "results");

    assertThat(store.deliveries().reservedWith("default:x"))
        .containsExactlyInAnyOrder("default:x", "out/x.results.jsonl");
    assertThat(store.deliveries().reservedWith("default:y")).isEmpty();
  }

  @Test
  void keepsWritesAfterKill() {
    Part part = inProgress(store, "j", PartStatus.UPLOADED, PartStatus.PLANNED).getFirst();
    Part intent =
        store
            .jobs()
            .update(
                part,
                b ->
                    b.status(PartStatus.CREATING)
                        .submission(b.submission().withInputFileId("file-1")));
    store.deliveries().reserve("out/x.jsonl", "j", "results");
    Job job = store.jobs().job("j").orElseThrow();

    Store next = afterKill().store();

    assertThat(next.jobs().job("j")).contains(job);
    assertThat(next.jobs().part("j-1")).contains(intent);
    assertThat(next.jobs().parts("j")).hasSize(2);
    assertThat(next.deliveries().of("j")).isEqualTo(Map.of("results", "out/x.jsonl"));
  }

  @Test
  void reclaimsRowsOfKilledProcess() {
    inProgress(store, "j", PartStatus.PLANNED, PartStatus.SUBMITTED);
    store.jobs().accept(job("k"), false);
    store.claims().claimParts(NOON, 10, Set.of());
    store.claims().claimBatches(NOON, 10, Set.of());
    store.claims().claimJobs(NOON, 10);

    Processes left = afterKill();
    Store next = left.store();
    assertThat(next.claims().claimParts(NOON.plus(Duration.ofDays(1)), 10, Set.of())).isEmpty();
    left.lapse();
    next = left.store();

    assertThat(next.claims().claimParts(NOON, 10, Set.of()))
        .extracting(Part::id)
        .containsExactly("j-1");
    assertThat(next.claims().claimBatches(NOON, 10, Set.of()))
        .extracting(Part::id)
        .containsExactly("j-2");
    assertThat(next.claims().claimJobs(NOON, 10)).extracting(Job::id).containsExactly("k");
  }

  @Test
  void countsUnfinishedJobsByPipeline() {
    acceptAll("a", "b");
    store
        .jobs()
        .accept(job("c").withPipeline("nightly").withStatus(JobStatus.ERRORS_DELIVERED), false);
    store.jobs().accept(job("d").withPipeline("gone").withStatus(JobStatus.DELIVERED), false);
    store.jobs().accept(job("e").withPipeline("gone").withStatus(JobStatus.RELEASED), false);

    assertThat(store.overview().unfinishedJobs()).isEqualTo(Map.of("default", 2L, "nightly", 1L));
  }

  @Test
  void countsJobsWaitingForProvider() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED, PartStatus.SETTLED);
    inProgress(store, "b", PartStatus.ENDED);
    inProgress(store, "c", PartStatus.RETRIEVED, PartStatus.SETTLED);

    assertThat(store.overview().jobsWaitingFor("local")).isEqualTo(2);
    assertThat(store.overview().jobsWaitingFor("openai")).isZero();
  }

  private String newId() {
    return "j" + ids++;
  }

  private void acceptAll(String... ids) {
    Stream.of(ids).forEach(id -> store.jobs().accept(job(id), false));
  }
}

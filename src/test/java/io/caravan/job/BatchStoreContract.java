package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.jsonl.tokens.Tokens;
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
abstract class BatchStoreContract {
  private BatchStore store;
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
                    .source("/in/größe 雪.jsonl")
                    .name("größe 雪.jsonl")
                    .sha256("ab".repeat(32))
                    .bytes(10_000_000_000L)
                    .status(JobStatus.DELIVERED)
                    .requests(7_000_000_001L)
                    .results(7_000_000_000L)
                    .errors(1)
                    .inputTokens(9_000_000_002L)
                    .outputTokens(9_000_000_003L)
                    .refusal("no: 'quoted' \"text\"")
                    .acceptedAt(NOON.plusMillis(1))
                    .finishedAt(NOON.plusMillis(2))
                    .dueAt(NOON.plusMillis(3))
                    .tries(4)
                    .setback("set\nback")
                    .parkedAt(NOON.plusMillis(4))
                    .retryOf("earlier")
                    .version(5));

    store.accept(full, false);

    assertThat(store.job("full")).contains(full);
  }

  @Test
  void keepsNullsOfAJob() {
    store.accept(job("plain"), false);

    assertThat(store.job("plain")).contains(job("plain"));
  }

  @Test
  void keepsEveryColumnOfAPart() {
    Job job = store.accept(job("j"), false).job();
    Part full =
        part(job, 1)
            .with(b ->
                b.model("größe 雪")
                    .requests(50_000)
                    .bytes(200_000_000_000L)
                    .status(PartStatus.SUBMITTED)
                    .inputFileId("file-1")
                    .batchId("batch_1")
                    .batchStatus(BatchStatus.IN_PROGRESS)
                    .outputFileId("file-2")
                    .errorFileId("file-3")
                    .completed(49_999)
                    .failed(1)
                    .batchErrors("[{\"code\":\"x\"}]")
                    .submittedAt(NOON.plusMillis(1))
                    .endedAt(NOON.plusMillis(2))
                    .dueAt(NOON.plusMillis(3))
                    .polls(6)
                    .tries(7)
                    .setback("set\nback")
                    .parkedAt(NOON.plusMillis(4))
                    .uploads(2)
                    .turnedAway(3)
                    .unclearSince(NOON.plusMillis(5))
                    .cancelledAt(NOON.plusMillis(6))
                    .version(8));

    store.plan(job, List.of(full, part(job, 2)), b -> {});

    assertThat(store.part("j-1")).contains(full);
    assertThat(store.parts("j")).containsExactly(full, part(job, 2));
  }

  @Test
  void returnsEmptyForMissingRows() {
    assertThat(store.job("nobody")).isEmpty();
    assertThat(store.part("nobody-1")).isEmpty();
    assertThat(store.parts("nobody")).isEmpty();
    assertThat(store.countJobs()).isEmpty();
    assertThat(store.countParts()).isEmpty();
  }

  @Test
  void returnsPartsInOrder() {
    Job job = store.accept(job("j"), false).job();
    var parts = IntStream.rangeClosed(1, 12).mapToObj(n -> part(job, n)).toList();

    store.plan(job, parts.reversed(), b -> {});

    assertThat(store.parts("j")).isEqualTo(parts);
  }

  @Test
  void plansJobAndPartsInOneTransaction() {
    Job job = store.accept(job("j"), false).job();

    Job planned =
        store.plan(job, List.of(part(job, 1)), b -> b.status(JobStatus.IN_PROGRESS).requests(1));

    assertThat(store.job("j")).contains(planned);
    assertThat(planned.status()).isEqualTo(JobStatus.IN_PROGRESS);
    assertThat(planned.version()).isEqualTo(job.version() + 1);
  }

  @Test
  void writesPartAndFurtherPartsInOneTransaction() {
    Part part = inProgress(store, "j", PartStatus.RETRIEVED).getFirst();
    Part further = part.further(1, 2, 1, 50, new Tokens(9, 0), NOON);

    Part settled = store.goOn(part, List.of(further), b -> b.status(PartStatus.SETTLED));

    assertThat(store.parts("j")).containsExactly(settled, further);
    assertThat(further)
        .returns("j-1.1", Part::id)
        .returns("1.1", Part::name)
        .returns(2, Part::attempt)
        .returns(1, Part::number);
  }

  @Test
  void addsNoFurtherPartsToStalePart() {
    Part part = inProgress(store, "j", PartStatus.RETRIEVED).getFirst();
    store.update(part, b -> b.status(PartStatus.SETTLED));

    assertThatThrownBy(() ->
            store.goOn(
                part,
                List.of(part.further(1, 2, 1, 50, new Tokens(9, 0), NOON)),
                b -> b.status(PartStatus.SETTLED)))
        .isInstanceOf(StaleRowException.class);
    assertThat(store.parts("j")).hasSize(1);
  }

  @Test
  void listsLatestJobsFirst() {
    store.accept(job("a"), false);
    store.accept(job("b").withAcceptedAt(NOON.plusSeconds(1)), false);
    store.accept(job("c").withAcceptedAt(NOON.minusSeconds(1)), false);

    assertThat(store.latestJobs(2)).extracting(Job::id).containsExactly("b", "a");
  }

  @Test
  void listsUndeliveredJobs() {
    store.accept(job("a").with(b -> b.status(JobStatus.SETTLED).setback("disk full")), false);
    store.accept(job("b").with(b -> b.status(JobStatus.ERRORS_DELIVERED).setback("no")), false);
    store.accept(job("c").with(b -> b.status(JobStatus.SETTLED)), false);
    store.accept(job("d").with(b -> b.status(JobStatus.ACCEPTED).setback("disk full")), false);

    assertThat(store.undeliveredJobs()).extracting(Job::id).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void plansNothingWhenPartFails() {
    Job job = store.accept(job("j"), false).job();
    var twice = List.of(part(job, 1), part(job, 1));

    assertThatThrownBy(() -> store.plan(job, twice, b -> b.status(JobStatus.IN_PROGRESS)))
        .isInstanceOf(DataAccessException.class);

    assertThat(store.job("j")).contains(job);
    assertThat(store.parts("j")).isEmpty();
  }

  @Test
  void plansNothingForStaleJob() {
    Job job = store.accept(job("j"), false).job();
    store.update(job, b -> b.tries(1));

    assertThatThrownBy(
            () -> store.plan(job, List.of(part(job, 1)), b -> b.status(JobStatus.IN_PROGRESS)))
        .isInstanceOf(StaleRowException.class);

    assertThat(store.parts("j")).isEmpty();
  }

  @Test
  void rejectsRepeatedPartKey() {
    Job job = store.accept(job("j"), false).job();
    var sameKey = List.of(part(job, 1), part(job, 2).withKey(part(job, 1).key()));

    assertThatThrownBy(() -> store.plan(job, sameKey, b -> {}))
        .isInstanceOf(DataAccessException.class);
  }

  @ParameterizedTest
  @EnumSource
  void allowsOnlyJobTransitionsInTable(JobStatus from) {
    for (JobStatus to : JobStatus.values()) {
      Job job = store.accept(job(newId()).withStatus(from), false).job();
      if (from == to || from.canBecome(to)) {
        assertThat(store.job(store.update(job, b -> b.status(to)).id()))
            .contains(job.with(b -> b.status(to).version(1)));
      } else {
        assertThatThrownBy(() -> store.update(job, b -> b.status(to)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll(job.id(), from.name(), to.name());
        assertThat(store.job(job.id())).contains(job);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void allowsOnlyPartTransitionsInTable(PartStatus from) {
    for (PartStatus to : PartStatus.values()) {
      Part part = inProgress(store, newId(), from).getFirst();
      if (from == to || from.canBecome(to)) {
        store.update(part, b -> b.status(to));
        assertThat(store.part(part.id())).contains(part.with(b -> b.status(to).version(1)));
      } else {
        assertThatThrownBy(() -> store.update(part, b -> b.status(to)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContainingAll(part.id(), from.name(), to.name());
        assertThat(store.part(part.id())).contains(part);
      }
    }
  }

  @Test
  void rejectsWriteOfStaleJob() {
    Job read = store.accept(job("j"), false).job();
    Job changed = store.update(read, b -> b.tries(1));

    assertThatThrownBy(() -> store.update(read, b -> b.tries(2)))
        .isInstanceOf(StaleRowException.class)
        .hasMessage("job j is no longer at version 0, or another replica holds it");
    assertThat(store.job("j")).contains(changed);
  }

  @Test
  void rejectsWriteOfStalePart() {
    Part read = inProgress(store, "j", PartStatus.CREATING).getFirst();
    Part changed = store.update(read, b -> b.status(PartStatus.SUBMITTED).batchId("batch_1"));

    assertThatThrownBy(
            () -> store.update(read, b -> b.status(PartStatus.SUBMITTED).batchId("batch_2")))
        .isInstanceOf(StaleRowException.class)
        .hasMessage("part j-1 is no longer at version 0, or another replica holds it");
    assertThat(store.part("j-1")).contains(changed);
  }

  @Test
  void returnsNextBatchDueTime() {
    assertThat(store.nextBatchDue()).isEmpty();
    var parts =
        inProgress(store, "j", PartStatus.SUBMITTED, PartStatus.SUBMITTED, PartStatus.ENDED);
    store.update(parts.get(0), b -> b.dueAt(NOON.plusSeconds(9)));
    store.update(parts.get(1), b -> b.dueAt(NOON.plusSeconds(5)));

    assertThat(store.nextBatchDue()).contains(NOON.plusSeconds(5));
  }

  @Test
  void ignoresClaimedBatchesInNextDueTime() {
    inProgress(store, "j", PartStatus.SUBMITTED);
    store.claimBatches(NOON, 1, Set.of());

    assertThat(store.nextBatchDue()).isEmpty();
  }

  @Test
  void countsRowsByStatus() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.RETRIEVED);
    inProgress(store, "b", PartStatus.PLANNED);
    store.accept(job("c"), false);

    assertThat(store.countJobs())
        .isEqualTo(Map.of(JobStatus.IN_PROGRESS, 2L, JobStatus.ACCEPTED, 1L));
    assertThat(store.countParts())
        .isEqualTo(Map.of(PartStatus.PLANNED, 2L, PartStatus.RETRIEVED, 1L));
  }

  @Test
  void reservesPathForOneJob() {
    acceptAll("a", "b");

    assertThat(store.reserve("out/x.jsonl", "a", "results")).isTrue();
    assertThat(store.reserve("out/x.jsonl", "a", "results")).as("again after a crash").isTrue();
    assertThat(store.reserve("out/x.jsonl", "b", "results")).isFalse();
    assertThat(store.deliveries("a")).isEqualTo(Map.of("results", "out/x.jsonl"));
    assertThat(store.deliveries("b")).isEmpty();
  }

  @Test
  void returnsDeliveriesByKind() {
    acceptAll("a");
    store.reserve("out/x.results.jsonl", "a", "results");
    store.reserve("out/x.errors.jsonl", "a", "errors");
    store.reserve("out/x.report.json", "a", "report");

    assertThat(store.deliveries("a"))
        .isEqualTo(
            Map.of(
                "results", "out/x.results.jsonl",
                "errors", "out/x.errors.jsonl",
                "report", "out/x.report.json"));
  }

  @ParameterizedTest
  @EnumSource
  void forfeitsPathOnlyOfFinishedJob(JobStatus status) {
    store.accept(job("a").withStatus(status), false);
    store.reserve("out/x.jsonl", "a", "results");

    assertThat(store.forfeit("out/x.jsonl")).isEqualTo(status.finished());
    assertThat(store.deliveries("a").isEmpty()).isEqualTo(status.finished());
  }

  @Test
  void forfeitsNoUnreservedPath() {
    assertThat(store.forfeit("out/x.jsonl")).isFalse();
  }

  @Test
  void listsAllPathsOfSameJob() {
    acceptAll("a", "b");
    store.reserve("default:x", "a", "name");
    store.reserve("out/x.results.jsonl", "a", "results");
    store.reserve("out/x.b.results.jsonl", "b", "results");

    assertThat(store.reservedWith("default:x"))
        .containsExactlyInAnyOrder("default:x", "out/x.results.jsonl");
    assertThat(store.reservedWith("default:y")).isEmpty();
  }

  @Test
  void keepsWritesAfterKill() {
    Part part = inProgress(store, "j", PartStatus.UPLOADED, PartStatus.PLANNED).getFirst();
    Part intent = store.update(part, b -> b.status(PartStatus.CREATING).inputFileId("file-1"));
    store.reserve("out/x.jsonl", "j", "results");
    Job job = store.job("j").orElseThrow();

    BatchStore next = afterKill().store();

    assertThat(next.job("j")).contains(job);
    assertThat(next.part("j-1")).contains(intent);
    assertThat(next.parts("j")).hasSize(2);
    assertThat(next.deliveries("j")).isEqualTo(Map.of("results", "out/x.jsonl"));
  }

  @Test
  void reclaimsRowsOfKilledProcess() {
    inProgress(store, "j", PartStatus.PLANNED, PartStatus.SUBMITTED);
    store.accept(job("k"), false);
    store.claimParts(NOON, 10, Set.of());
    store.claimBatches(NOON, 10, Set.of());
    store.claimJobs(NOON, 10);

    Processes left = afterKill();
    BatchStore next = left.store();
    assertThat(next.claimParts(NOON.plus(Duration.ofDays(1)), 10, Set.of())).isEmpty();
    left.lapse();
    next = left.store();

    assertThat(next.claimParts(NOON, 10, Set.of())).extracting(Part::id).containsExactly("j-1");
    assertThat(next.claimBatches(NOON, 10, Set.of())).extracting(Part::id).containsExactly("j-2");
    assertThat(next.claimJobs(NOON, 10)).extracting(Job::id).containsExactly("k");
  }

  @Test
  void countsUnfinishedJobsByPipeline() {
    acceptAll("a", "b");
    store.accept(job("c").withPipeline("nightly").withStatus(JobStatus.ERRORS_DELIVERED), false);
    store.accept(job("d").withPipeline("gone").withStatus(JobStatus.DELIVERED), false);
    store.accept(job("e").withPipeline("gone").withStatus(JobStatus.RELEASED), false);

    assertThat(store.unfinishedJobs()).isEqualTo(Map.of("default", 2L, "nightly", 1L));
  }

  @Test
  void countsJobsWaitingForProvider() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SUBMITTED, PartStatus.SETTLED);
    inProgress(store, "b", PartStatus.ENDED);
    inProgress(store, "c", PartStatus.RETRIEVED, PartStatus.SETTLED);

    assertThat(store.jobsWaitingFor("local")).isEqualTo(2);
    assertThat(store.jobsWaitingFor("openai")).isZero();
  }

  private String newId() {
    return "j" + ids++;
  }

  private void acceptAll(String... ids) {
    Stream.of(ids).forEach(id -> store.accept(job(id), false));
  }
}

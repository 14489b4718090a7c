package io.caravan.operator;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.store.StoreAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

/** Tests an operator process beside a service that has locked the data folder. */
class OperatorTest {
  @TempDir private Path folder;
  private SqliteStore service;
  private Store store;
  private StoreAccess access;
  private Operator operator;

  @BeforeEach
  void openBesideAService() throws IOException {
    service = SqliteStore.in(folder);
    store = service.store();
    access = StoreAccess.open(settings(folder)).orElseThrow();
    operator = Operator.on(access);
  }

  @AfterEach
  void close() throws IOException {
    access.close();
    service.close();
  }

  private static MockEnvironment settings(Path data) {
    return new MockEnvironment()
        .withProperty("caravan.data", data.toString())
        .withProperty("caravan.database.url", "jdbc:sqlite:" + data.resolve("caravan.db"))
        .withProperty("caravan.workspace.url", "")
        .withProperty("caravan.workspace.keep-copies", "5m")
        .withProperty("caravan.late.turnaround", "1h")
        .withProperty("caravan.late.risk-buffer", "15m")
        .withProperty("caravan.database.username", "")
        .withProperty("caravan.database.password", "")
        .withProperty("caravan.database.lease", "10s");
  }

  @Test
  void findsNoStoreInEmptyFolder() throws IOException {
    Path nowhere = folder.resolve("nowhere");

    assertThat(StoreAccess.open(settings(nowhere))).isEmpty();
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void isNoReplica() throws IOException {
    assertThat(operator.overview(1).replicas()).hasSize(1);
    access.close();
    assertThat(service.processes().replica().alive()).hasSize(2);
  }

  @Test
  void showsSetbacks() {
    inProgress(store, "a", PartStatus.SUBMITTED, PartStatus.PLANNED);
    store
        .jobs()
        .update(
            part("a-1"),
            b ->
                b.submission(b.submission().withCompleted(7))
                    .schedule(b.schedule().withSetback("HTTP 503")));
    store
        .jobs()
        .update(
            part("a-2"), b -> b.schedule(b.schedule().withSetback("broken").withParkedAt(NOON)));

    Overview overview = operator.overview(10);

    assertThat(overview.counts()).containsEntry("in_progress", 1L);
    assertThat(overview.parked()).containsExactly("a");
    assertThat(overview.jobs().getFirst())
        .returns("parked", JobView::state)
        .returns("in_progress", JobView::status)
        .returns(7L, JobView::results)
        .returns(null, JobView::errors)
        .returns(List.of("HTTP 503", "broken"), JobView::waitsFor);
  }

  @Test
  void explainsCancellation() {
    inProgress(
        store,
        "a",
        PartStatus.SUBMITTED,
        PartStatus.SUBMITTED,
        PartStatus.CREATING,
        PartStatus.PLANNED,
        PartStatus.SETTLED,
        PartStatus.DIVIDED);

    assertThat(operator.cancel("a"))
        .isEqualTo(
            new Outcome.Done(
                "a",
                "Job a (a.jsonl) is cancelled."
                    + " 2 of 5 parts are at the provider and will be cancelled there."
                    + " 1 of 5 parts is being submitted, and will be cancelled once at the provider."
                    + " 1 of 5 parts is not sent yet, and will not be."
                    + " Finished requests are kept; the others go to the errors, even if the provider can no longer be reached."));
    assertThat(access.cancellations().requested("a")).isTrue();
    assertThat(operator.cancel("a").message())
        .startsWith("Job a (a.jsonl) has been cancelling since");
    assertThat(operator.job("a").orElseThrow().state()).isEqualTo("cancelling");
  }

  @Test
  void unparksCancelledJob() {
    inProgress(store, "a", PartStatus.PLANNED);
    store
        .jobs()
        .update(
            part("a-1"),
            b -> b.schedule(b.schedule().withParkedAt(NOON).withDueAt(NOON.plusSeconds(9999))));

    operator.cancel("a");

    assertThat(part("a-1").schedule().parkedAt()).isNull();
  }

  @Test
  void dropsUndeliverableOutputsOnCancel() {
    store
        .jobs()
        .accept(
            job("b")
                .with(b ->
                    b.status(JobStatus.SETTLED).schedule(b.schedule().withSetback("disk full"))),
            false);

    assertThat(operator.cancel("b").message())
        .startsWith("Job b (b.jsonl) is cancelled. All its requests have ended.")
        .contains("given up", "disk full", "they stay in ");
    assertThat(access.cancellations().requested("b")).isTrue();
  }

  @Test
  void refusesToCancelFinishedJob() {
    store.jobs().accept(job("a").withStatus(JobStatus.DELIVERED), false);

    assertThat(operator.cancel("a")).isInstanceOf(Outcome.Refused.class);
    assertThat(operator.cancel("c")).isInstanceOf(Outcome.Unknown.class);
    assertThat(access.cancellations().requested("a")).isFalse();
  }

  @Test
  void retriesAParkedJob() throws IOException {
    inProgress(store, "a", PartStatus.PLANNED);
    store
        .jobs()
        .update(
            part("a-1"),
            b ->
                b.schedule(
                    b.schedule().withParkedAt(NOON).withSetback("IllegalStateException: broken.")));

    assertThat(operator.retry("a").message())
        .isEqualTo(
            "Job a (a.jsonl) was parked and resumes now; last problem: IllegalStateException: broken.");
    assertThat(store.claims().claimParts(part("a-1").schedule().dueAt(), 9, Set.of())).hasSize(1);
  }

  @Test
  void hurriesUnfinishedJobOnRetry() throws IOException {
    inProgress(store, "a", PartStatus.PLANNED);
    store
        .jobs()
        .update(
            part("a-1"),
            b ->
                b.schedule(
                    b.schedule().withDueAt(NOON.plusSeconds(999_999_999)).withSetback("HTTP 503")));

    assertThat(operator.retry("a").message()).contains("its next step runs now", "HTTP 503");
    assertThat(part("a-1").schedule().dueAt()).isBefore(NOON.plusSeconds(999_999_999));
  }

  @Test
  void refusesToRetryWithoutFailedRequests() throws IOException {
    assertThat(ended("good", 1, 0).message()).contains("has a result for each request");
    store
        .jobs()
        .accept(job("b").with(b -> b.status(JobStatus.DELIVERED).refusal("b.jsonl is bad")), false);
    assertThat(operator.retry("b").message()).contains("was refused as a whole");
    assertThat(operator.retry("c")).isInstanceOf(Outcome.Unknown.class);
  }

  @Test
  void explainsWhatToDoWhenFilesAreDeleted() throws IOException {
    Outcome outcome = ended("gone", 0, 1);

    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(outcome.message()).contains("caravan.retention", "Drop the file again");
    assertThat(service.workspace().jobIds()).isEmpty();
  }

  private Outcome ended(String id, long results, long errors) throws IOException {
    inProgress(store, id, PartStatus.SETTLED);
    Job job = store.jobs().job(id).orElseThrow();
    for (JobStatus next :
        List.of(
            JobStatus.SETTLED,
            JobStatus.RESULTS_DELIVERED,
            JobStatus.ERRORS_DELIVERED,
            JobStatus.DELIVERED)) {
      job =
          store
              .jobs()
              .update(
                  job,
                  b -> b.status(next).counts(b.counts().withResults(results).withErrors(errors)));
    }
    return operator.retry(id);
  }

  private Part part(String id) {
    return store.jobs().part(id).orElseThrow();
  }
}

package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.job.source.Untaken;
import io.caravan.job.source.UntakenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contract of the store for operator commands: what they change and what they must not change. */
abstract class OperatorStoreContract {
  private static final Instant LATER = NOON.plusSeconds(3600);

  private Processes processes;
  private Store store;

  /** Opens an empty database. */
  abstract Processes open();

  @BeforeEach
  void openStore() {
    processes = open();
    store = processes.store();
  }

  @Test
  void storesUntakenFiles(@TempDir Path inbox) throws IOException {
    UntakenFiles files = processes.untaken();
    String there = Files.createFile(inbox.resolve("notes.md")).toString();
    String gone = inbox.resolve("gone.md").toString();
    String elsewhere = inbox.resolve("of another machine/notes.md").toString();
    files.note(new Untaken(there, "was another reason", LATER));
    files.note(new Untaken(there, "is not taken", LATER.plusSeconds(1)));
    files.note(new Untaken(gone, "is not taken", NOON));
    files.note(new Untaken(elsewhere, "is not taken", LATER));
    files.note(new Untaken("s3://bucket/notes.md", "is not taken", NOON));
    files.note(new Untaken("s3://bucket/taken.md", "is not taken", NOON));
    files.forget("s3://bucket/taken.md");

    assertThat(processes.untaken().oldest(10))
        .containsExactly(
            new Untaken("s3://bucket/notes.md", "is not taken", NOON),
            new Untaken(there, "is not taken", LATER),
            new Untaken(elsewhere, "is not taken", LATER));
    assertThat(files.oldest(1)).hasSize(1);

    for (int look = 0; look < 20; look++) {
      files.oldest(1); // stops before the end of the query
    }
    files.forgetAll(); // fails if connections have leaked
    assertThat(files.oldest(10)).isEmpty();
  }

  /** Java cannot write such a name. */
  @Test
  void keepsUntakenFilesWhoseNamesAreNotUtf8(@TempDir Path inbox) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", "touch \"$(printf 'b\\344d.jsonl')\"")
            .directory(inbox.toFile())
            .start();
    assertThat(shell.waitFor()).isZero();
    String source = inbox.resolve("b\ufffdd.jsonl").toString();
    UntakenFiles files = processes.untaken();
    files.note(new Untaken(source, "has a name that is not UTF-8", NOON));
    files.note(new Untaken(inbox.resolve("\ufffd").toString(), "is gone", NOON));

    assertThat(files.oldest(10))
        .containsExactly(new Untaken(source, "has a name that is not UTF-8", NOON));
  }

  @Test
  void unparksParts() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.PLANNED, PartStatus.SUBMITTED);
    change(
        "a-1",
        b ->
            b.schedule(
                b.schedule()
                    .with(it -> it.parkedAt(NOON).tries(10).setback("broken").dueAt(LATER))));
    change(
        "a-3", b -> b.schedule(b.schedule().with(it -> it.parkedAt(NOON).tries(10).dueAt(LATER))));
    inProgress(store, "b", PartStatus.PLANNED);
    change("b-1", b -> b.schedule(b.schedule().withParkedAt(NOON)));

    assertThat(store.claims().unpark("a", NOON)).isEqualTo(2);

    assertThat(store.jobs().part("a-1").orElseThrow())
        .returns(null, part -> part.schedule().parkedAt())
        .returns(0, part -> part.schedule().tries())
        .returns(NOON, part -> part.schedule().dueAt())
        .returns("broken", part -> part.schedule().setback());
    assertThat(store.overview().parkedJobs()).extracting(Job::id).containsExactly("b");
    assertThat(store.claims().claimParts(NOON, 9, Set.of()))
        .extracting(Part::id)
        .containsExactlyInAnyOrder("a-1", "a-2");
    assertThat(store.claims().claimBatches(NOON, 9, Set.of()))
        .extracting(Part::id)
        .containsExactly("a-3");
    assertThat(store.claims().unpark("a", NOON)).isZero();
  }

  @Test
  void unparksJob() {
    Job parked = store.jobs().accept(job("a"), false).job();
    store
        .jobs()
        .update(
            parked,
            b -> b.schedule(b.schedule().with(it -> it.parkedAt(NOON).tries(10).dueAt(LATER))));

    assertThat(store.claims().unpark("a", NOON)).isEqualTo(1);

    assertThat(store.claims().claimJobs(NOON, 9)).extracting(Job::id).containsExactly("a");
  }

  @Test
  void hurriesOnlyWaitingRows() {
    inProgress(store, "a", PartStatus.PLANNED, PartStatus.SETTLED, PartStatus.PLANNED);
    change("a-1", b -> b.schedule(b.schedule().withDueAt(LATER)));
    change("a-2", b -> b.schedule(b.schedule().withDueAt(LATER)));
    change("a-3", b -> b.schedule(b.schedule().withDueAt(LATER).withParkedAt(NOON)));

    store.claims().hurry("a", NOON);

    assertThat(store.claims().claimParts(NOON, 9, Set.of()))
        .extracting(Part::id)
        .containsExactly("a-1");
    assertThat(store.jobs().part("a-2").orElseThrow().schedule().dueAt()).isEqualTo(LATER);
  }

  @Test
  void doesNotHurryRetentionOfFinishedJob() {
    store
        .jobs()
        .accept(
            job("a")
                .with(b -> b.status(JobStatus.DELIVERED).schedule(b.schedule().withDueAt(LATER))),
            false);

    store.claims().hurry("a", NOON);

    assertThat(store.claims().claimJobs(NOON, 9)).isEmpty();
  }

  @Test
  void doesNotChangeHeldRows() {
    inProgress(store, "a", PartStatus.PLANNED);
    Part held = store.claims().claimParts(NOON, 1, Set.of()).getFirst();
    Part later = store.jobs().update(held, b -> b.schedule(b.schedule().withDueAt(LATER)));

    processes.store().claims().hurry("a", NOON);
    processes.store().claims().unpark("a", NOON);

    assertThat(store.jobs().part("a-1")).contains(later);
    store
        .jobs()
        .update(later, b -> b.schedule(b.schedule().withTries(1))); // the holder can still write
  }

  @Test
  void claimsUnsentPartsOfCancelledJobOfExcludedProvider() {
    inProgress(
        store,
        "a",
        PartStatus.PLANNED,
        PartStatus.UPLOADED,
        PartStatus.CREATING,
        PartStatus.REFUSED);
    inProgress(store, "b", PartStatus.PLANNED);
    processes.cancellations().request("a", NOON);

    assertThat(store.claims().claimParts(NOON, 9, Set.of("local")))
        .extracting(Part::id)
        .containsExactlyInAnyOrder("a-1", "a-2", "a-4");
    assertThat(store.claims().claimBatches(NOON, 9, Set.of("local"))).isEmpty();
  }

  @Test
  void findsJobsByIdPrefix() {
    for (String id : new String[] {"abc1", "abc2", "ab_d", "x"}) {
      store.jobs().accept(job(id), false);
    }

    assertThat(store.overview().jobsNamed("abc", 9))
        .extracting(Job::id)
        .containsExactly("abc1", "abc2");
    assertThat(store.overview().jobsNamed("abc", 1)).hasSize(1);
    assertThat(store.overview().jobsNamed("ab_", 9)).extracting(Job::id).containsExactly("ab_d");
    assertThat(store.overview().jobsNamed("%", 9)).isEmpty();
  }

  @Test
  void findsUnfinishedRetry() {
    Job failed = finished("a", 0);
    store.jobs().accept(job("r").withRetryOf("a"), false);

    assertThat(store.jobs().successor(failed)).map(Job::id).contains("r");
    assertThat(store.jobs().retries("a")).extracting(Job::id).containsExactly("r");
  }

  @Test
  void skipsRetryWithoutResults() {
    Job failed = finished("a", 0);
    store.jobs().accept(job("r").with(b -> b.retryOf("a").status(JobStatus.DELIVERED)), false);

    assertThat(store.jobs().successor(failed)).isEmpty();

    store
        .jobs()
        .accept(
            job("s")
                .with(b ->
                    b.retryOf("r").status(JobStatus.DELIVERED).counts(b.counts().withResults(1))),
            false);
    assertThat(store.jobs().successor(failed)).map(Job::id).contains("s");
  }

  @Test
  void findsSameContentDroppedAgain() {
    finished("a", 0);
    Job again = store.jobs().accept(job("b").withIdentity(job("a").identity()), false).job();

    assertThat(again.refusal()).isNull();
    assertThat(store.jobs().successor(store.jobs().job("a").orElseThrow()))
        .map(Job::id)
        .contains("b");
  }

  @Test
  void refusesContentOfUnfinishedRetry() {
    finished("a", 0);
    store.jobs().accept(job("r").withRetryOf("a"), false);

    Job again = store.jobs().accept(job("b").withIdentity(job("a").identity()), false).job();

    assertThat(again.refusal()).contains("same content as job r");
  }

  private Job finished(String id, long results) {
    return store
        .jobs()
        .accept(
            job(id)
                .with(b ->
                    b.status(JobStatus.DELIVERED)
                        .counts(b.counts().withResults(results).withErrors(1))),
            false)
        .job();
  }

  private void change(String part, Consumer<PartBuilder> change) {
    store.jobs().update(store.jobs().part(part).orElseThrow(), change);
  }
}

package io.caravan.flow.step;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravan.Logged;
import io.caravan.TestClock;
import io.caravan.disk.DiskReserve;
import io.caravan.disk.FullDisk;
import io.caravan.disk.NoRoomException;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.call.Outages;
import io.caravan.flow.call.Pauses;
import io.caravan.flow.call.ProviderContacts;
import io.caravan.job.BatchError;
import io.caravan.job.BatchErrors;
import io.caravan.job.Cancellations;
import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.provider.AccessRefusedException;
import io.caravan.provider.RejectedByProviderException;
import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.actuate.health.Status;

class SetbacksTest {
  private final RejectedByProviderException rejected =
      new RejectedByProviderException(400, "invalid_value", "HTTP 400: no such endpoint");

  @TempDir private Path folder;
  private final TestClock clock = new TestClock(NOON);
  private final FlowProperties.Retry retry =
      new FlowProperties.Retry(
          Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(30), 10);
  private final Outages outages = new Outages(clock, provider -> 3L);
  private final Pauses pauses = new Pauses(clock, outages, retry);
  private final ProviderContacts contacts =
      new ProviderContacts(clock, pauses, age -> Optional.empty());
  private SqliteStore sqlite;
  private Store store;
  private Cancellations cancellations;
  private final RoomWaits rooms = new RoomWaits(clock);
  private Setbacks setbacks;

  @BeforeEach
  void openStore() {
    sqlite = SqliteStore.in(folder);
    store = sqlite.store();
    var general =
        new FlowProperties.General(
            folder,
            FlowProperties.Duplicates.REFUSE,
            Duration.ofHours(24),
            Duration.ofHours(1),
            false,
            1);
    cancellations = sqlite.processes().cancellations();
    var jobsToEnd =
        new JobsToEnd(store.jobs(), cancellations, sqlite.processes().scheduler(), clock, general);
    setbacks =
        new Setbacks(
            store.jobs(),
            store.claims(),
            clock,
            retry,
            contacts,
            pauses,
            outages,
            new EndedEarly(store.jobs(), jobsToEnd, clock),
            rooms);
  }

  @AfterEach
  void closeStore() {
    sqlite.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"PLANNED", "UPLOADING", "UPLOADED", "CREATING"})
  void endsARejectedPart(PartStatus status) {
    Part part = claim(status);

    setbacks.refuse(part, rejected);

    Part refused = store.jobs().part(part.id()).orElseThrow();
    assertThat(refused.status()).isEqualTo(PartStatus.REFUSED);
    assertThat(refused.schedule().setback()).isEqualTo("HTTP 400: no such endpoint");
    assertThat(refused.submission().endedAt()).isEqualTo(NOON);
    assertThat(BatchErrors.read(refused.submission().batchErrors()))
        .containsExactly(
            new BatchError(
                "invalid_value",
                "the provider refused the batch: HTTP 400: no such endpoint",
                null,
                null));
    assertThat(store.claims().claimParts(NOON, 1, Set.of())).as("to be settled").hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"SUBMITTED", "ENDED"})
  void keepsPartsThatMayHaveBeenPaidFor(PartStatus status) {
    Part part = claim(status);

    setbacks.refuse(part, rejected);

    assertThat(store.jobs().part(part.id()).orElseThrow())
        .returns(status, Part::status)
        .returns(1, it -> it.schedule().tries())
        .returns("HTTP 400: no such endpoint", it -> it.schedule().setback());
    assertHeldUntil(part, Duration.ofMillis(900), Duration.ofMillis(1100));
  }

  @Test
  void retriesAJobWhenTheProviderRefuses() {
    store.jobs().accept(job("a"), false);
    Job job = store.claims().claimJobs(NOON, 1).getFirst();

    setbacks.refuse(job, rejected);

    assertThat(store.jobs().job("a").orElseThrow().schedule().tries()).isEqualTo(1);
    assertThat(store.claims().claimJobs(NOON.plusSeconds(2), 1)).hasSize(1);
  }

  @Test
  void waitsForDiskSpaceWithoutLimit() {
    try (FullDisk disk = FullDisk.of(1_000, 20)) {
      Part part = claim(PartStatus.PLANNED);
      store
          .jobs()
          .update(
              part, b -> b.status(PartStatus.UPLOADING).submission(b.submission().withUploads(1)));
      var full =
          catchThrowableOfType(
              NoRoomException.class,
              () ->
                  DiskReserve.require(
                      folder.resolve("x"), 1_000_000, DiskReserve.Use.WORK_IN_HAND));

      setbacks.tryAgainLater(
          part.with(b -> b.schedule(b.schedule().withTries(10_000))), new RuntimeException(full));

      Part waiting = store.jobs().part(part.id()).orElseThrow();
      assertThat(waiting.schedule().parkedAt()).isNull();
      assertThat(waiting.schedule().setback()).startsWith("no room for 1,000 kB");
      assertThat(waiting.status()).as("nothing was sent").isEqualTo(PartStatus.PLANNED);
      assertThat(contacts.health().getStatus()).as("the provider's").isEqualTo(Status.UP);
      assertThat(rooms.waiting()).containsKey("part " + part.id());
      disk.free(100);
      assertThat(rooms.waiting()).isEmpty();
    }
  }

  @Test
  void waitsLongerEachTime() {
    Part part = claim(PartStatus.PLANNED);
    setbacks.tryAgainLater(
        part.with(b -> b.schedule(b.schedule().withTries(3))), new IOException("disk full"));

    assertHeldUntil(part, Duration.ofMillis(7200), Duration.ofMillis(8800));
  }

  @Test
  void honoursRetryAfter() {
    Part part = claim(PartStatus.SUBMITTED);

    setbacks.tryAgainLater(part, busy(Duration.ofMinutes(5)));

    assertThat(dueAfter(part)).isEqualTo(Duration.ofMinutes(5));
    assertHeldUntil(part, Duration.ofMinutes(5), Duration.ofMinutes(5));
  }

  @Test
  void ignoresRetryAfterShorterThanTheBackoff() {
    for (Duration asked : new Duration[] {Duration.ZERO, Duration.ofSeconds(-5)}) {
      Part part = claim(PartStatus.SUBMITTED);

      setbacks.tryAgainLater(part, busy(asked));

      assertThat(dueAfter(part)).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
    }
  }

  @Test
  void keepsTheStatusStoredByTheStep() {
    Part claimed = claim(PartStatus.PLANNED);
    store.jobs().update(claimed, b -> b.status(PartStatus.UPLOADING));

    setbacks.tryAgainLater(claimed, busy(null));

    assertThat(store.jobs().part(claimed.id()).orElseThrow())
        .returns(PartStatus.UPLOADING, Part::status)
        .returns("HTTP 429: slow down", part -> part.schedule().setback());
  }

  static List<Exception> neverSent() {
    return List.of(
        new ConnectException("Connection refused"),
        new UnknownHostException("api.openai.com"),
        new NoRouteToHostException("No route to host"),
        new ConnectTimeoutException("Connect timed out"));
  }

  /** Without a connection nothing was sent, so no search is needed. */
  @ParameterizedTest
  @MethodSource("neverSent")
  void revertsCallsThatWereNeverSent(Exception neverSent) {
    Part uploading = begin(claim(PartStatus.PLANNED), PartStatus.UPLOADING);
    Part creating = begin(claim(PartStatus.UPLOADED), PartStatus.CREATING);

    setbacks.tryAgainLater(uploading, neverSent);
    setbacks.tryAgainLater(creating, neverSent);

    assertThat(row(uploading))
        .returns(PartStatus.PLANNED, Part::status)
        .returns(0, part -> part.submission().uploads())
        .returns(null, part -> part.submission().unclearSince());
    assertThat(row(creating)).returns(PartStatus.UPLOADED, Part::status);
  }

  /** The search for the create of an earlier step failed; its outcome stays unknown. */
  @ParameterizedTest
  @MethodSource("neverSent")
  void keepsTheOutcomeUnclearWhenTheSearchFails(Exception neverSent) {
    Part searching = claim(PartStatus.CREATING);

    setbacks.tryAgainLater(searching, neverSent);

    assertThat(row(searching))
        .returns(PartStatus.CREATING, Part::status)
        .returns(NOON, part -> part.submission().unclearSince());
  }

  @Test
  void countsTheListLagFromTheEndOfTheCall() {
    Part creating = begin(claim(PartStatus.UPLOADED), PartStatus.CREATING);
    clock.advance(Duration.ofSeconds(60));

    setbacks.tryAgainLater(creating, new SocketTimeoutException("Read timed out"));

    assertThat(row(creating))
        .returns(PartStatus.CREATING, Part::status)
        .returns(NOON.plusSeconds(60), part -> part.submission().unclearSince());
  }

  @Test
  void pausesAProviderThatRefusesAccess() {
    Part part = claim(PartStatus.SUBMITTED);

    setbacks.tryAgainLater(part, new AccessRefusedException("HTTP 401: no"));

    assertThat(pauses.paused()).containsExactly("local");
    assertThat(row(part).schedule().parkedAt()).isNull();
    clock.advance(Duration.ofSeconds(30));
    assertThat(pauses.paused()).as("one may try").isEmpty();
    assertThat(pauses.admitted(List.of(part, part), Set.of(), store.claims())).hasSize(1);
    contacts.good("local");
    assertThat(pauses.reason("local")).isEmpty();
  }

  @Test
  void parksAfterTheConfiguredFailures() {
    Part soon = claim(PartStatus.ENDED);
    Part now = claim(PartStatus.ENDED);

    setbacks.tryAgainLater(
        soon.with(b -> b.schedule(b.schedule().withTries(8))),
        new IllegalStateException("a mistake"));
    setbacks.tryAgainLater(
        now.with(b -> b.schedule(b.schedule().withTries(9))),
        new IllegalStateException("a mistake"));

    assertThat(row(soon).schedule().parkedAt()).isNull();
    assertThat(row(now).schedule().parkedAt()).isEqualTo(NOON);
  }

  static List<Exception> outOfReach() {
    return List.of(
        busy(null),
        new RetryableProviderException(503, "HTTP 503", null),
        RetryableProviderException.inTime("it has time left"),
        new AccessRefusedException("HTTP 401: no"),
        new ConnectException("Connection refused"),
        new SocketTimeoutException("Read timed out"));
  }

  @ParameterizedTest
  @MethodSource("outOfReach")
  void neverParksForAnUnreachableProvider(Exception cause) {
    Part part = claim(PartStatus.ENDED);

    setbacks.tryAgainLater(part.with(b -> b.schedule(b.schedule().withTries(9999))), cause);

    assertThat(row(part).schedule().parkedAt()).isNull();
  }

  static List<Exception> down() {
    return List.of(
        new RetryableProviderException(503, "HTTP 503: down", null),
        new ConnectException("Connection refused"),
        new SocketTimeoutException("Read timed out"),
        new AccessRefusedException("HTTP 401: no"));
  }

  @ParameterizedTest
  @MethodSource("down")
  void logsAnOutageOnceForAllJobs(Exception cause) {
    List<Part> parts =
        List.of(
            claim(PartStatus.PLANNED), claim(PartStatus.SUBMITTED), claim(PartStatus.SUBMITTED));
    store
        .jobs()
        .accept(
            job("delivered")
                .withStatus(JobStatus.DELIVERED)
                .with(b -> b.schedule(b.schedule().withDueAt(NOON))),
            false);
    Job released = store.claims().claimJobs(NOON, 1).getFirst();
    try (Logged own = Logged.by(Setbacks.class);
        Logged logged = Logged.by(Outages.class)) {
      parts.forEach(part -> setbacks.tryAgainLater(part, cause));
      parts.forEach(part ->
          setbacks.tryAgainLater(part.with(b -> b.schedule(b.schedule().withTries(1))), cause));
      setbacks.tryAgainLater(released, cause);
      contacts.good("local");

      assertThat(own.lines()).isEmpty();
      assertThat(logged.lines()).hasSize(2);
      assertThat(logged.lines().getFirst())
          .startsWith("WARN provider=local ")
          .contains(", 3 jobs waiting: ");
      assertThat(logged.lines().getLast()).startsWith("INFO provider=local is available again");
    }
  }

  @Test
  void logsFailuresOfSinglePartsEach() {
    Part part = claim(PartStatus.SUBMITTED);
    Job job = store.jobs().accept(job("outputs").withStatus(JobStatus.SETTLED), false).job();
    try (Logged own = Logged.by(Setbacks.class)) {
      setbacks.tryAgainLater(part, RetryableProviderException.inTime("made with another key"));
      setbacks.tryAgainLater(job, new ConnectException("the outbound endpoint refuses"));

      assertThat(own.lines()).hasSize(2).allMatch(line -> line.contains(" failed (try 1)"));
    }
  }

  static List<Exception> wrong() {
    return List.of(
        new RetryableProviderException(500, "HTTP 500", null),
        new RetryableProviderException("the answer has no batch id", null),
        rejectedStatus());
  }

  private static Exception rejectedStatus() {
    return new RejectedByProviderException(302, null, "HTTP 302: moved");
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void parksWhenAnswersStayInvalid(Exception cause) {
    Part part = claim(PartStatus.ENDED);

    setbacks.tryAgainLater(part.with(b -> b.schedule(b.schedule().withTries(9))), cause);

    assertThat(row(part).schedule().parkedAt()).isEqualTo(NOON);
  }

  @Test
  void parksInfrastructureFailuresLater() {
    Part soon = claim(PartStatus.ENDED);
    Part now = claim(PartStatus.ENDED);

    setbacks.tryAgainLater(
        soon.with(b -> b.schedule(b.schedule().withTries(98))), new IOException("disk full"));
    setbacks.tryAgainLater(
        now.with(b -> b.schedule(b.schedule().withTries(99))), new IOException("disk full"));

    assertThat(row(soon).schedule().parkedAt()).isNull();
    assertThat(row(now).schedule().parkedAt()).isEqualTo(NOON);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLANNED", "UPLOADING", "UPLOADED", "CREATING"})
  void endsACancelledPartThatCannotBeSent(PartStatus status) {
    Part soon = claim(status);
    Part part = claim(status);
    cancellations.request(soon.jobId(), NOON);
    cancellations.request(part.jobId(), NOON);

    setbacks.tryAgainLater(
        soon.with(b -> b.schedule(b.schedule().withTries(1))),
        new ConnectException("Connection refused"));
    setbacks.tryAgainLater(
        part.with(b -> b.schedule(b.schedule().withTries(2))),
        new ConnectException("Connection refused"));

    assertThat(row(soon).status()).isEqualTo(status);

    assertThat(row(part).status()).isEqualTo(PartStatus.REFUSED);
    var error = BatchErrors.read(row(part).submission().batchErrors()).getFirst();
    assertThat(error.code()).isEqualTo("job_cancelled");
    assertThat(error.message().contains("may have been created for it and paid for"))
        .isEqualTo(status == PartStatus.CREATING);
  }

  @ParameterizedTest
  @EnumSource(names = {"SUBMITTED", "ENDED"})
  void endsACancelledPartThatCannotBeRead(PartStatus status) {
    Part part = claim(status);
    cancellations.request(part.jobId(), NOON);

    setbacks.tryAgainLater(
        part.with(b -> b.schedule(b.schedule().withTries(9))),
        new ConnectException("Connection refused"));

    assertThat(row(part).status()).isEqualTo(PartStatus.RETRIEVED);
    assertThat(BatchErrors.read(row(part).submission().batchErrors()).getFirst())
        .returns("answers_not_found", BatchError::code)
        .satisfies(error ->
            assertThat(error.message()).contains("cancelled", "may have been paid for", "refused"));
  }

  @Test
  void endsATooOldPartThatCannotBeRead() {
    Part part = claim(PartStatus.SUBMITTED);
    clock.advance(Duration.ofHours(25));

    setbacks.tryAgainLater(
        part.with(b -> b.schedule(b.schedule().withTries(99))),
        new ConnectException("Connection refused"));

    assertThat(row(part).status()).isEqualTo(PartStatus.RETRIEVED);
  }

  @Test
  void givesUpUndeliverableOutputsOfACancelledJob() {
    store.jobs().accept(job("a").withStatus(JobStatus.SETTLED), false);
    cancellations.request("a", NOON);

    for (JobStatus next :
        List.of(JobStatus.RESULTS_DELIVERED, JobStatus.ERRORS_DELIVERED, JobStatus.DELIVERED)) {
      Job job = store.claims().claimJobs(NOON, 1).getFirst();
      setbacks.tryAgainLater(
          job.with(b -> b.schedule(b.schedule().withTries(2))),
          new IllegalStateException("no such endpoint"));
      assertThat(store.jobs().job("a").orElseThrow())
          .returns(next, Job::status)
          .satisfies(
              row -> assertThat(row.schedule().setback()).contains("given up", "no such endpoint"));
    }
  }

  /** Stores the intent and returns the claim from before. */
  private Part begin(Part claimed, PartStatus intent) {
    store
        .jobs()
        .update(
            claimed,
            b -> b.status(intent).submission(b.submission().withUploads(1).withUnclearSince(NOON)));
    return claimed;
  }

  private Part row(Part part) {
    return store.jobs().part(part.id()).orElseThrow();
  }

  @Test
  void releasesARowThatWasChangedElsewhere() {
    Part claimed = claim(PartStatus.PLANNED);
    store.jobs().update(claimed, b -> b.schedule(b.schedule().withTries(7)));
    try {
      store.jobs().update(claimed, b -> b.schedule(b.schedule().withTries(1)));
    } catch (RuntimeException stale) {
      setbacks.tryAgainLater(claimed, stale);
    }

    assertThat(store.jobs().part(claimed.id()).orElseThrow().schedule().tries()).isEqualTo(7);
    assertThat(store.claims().claimParts(NOON, 1, Set.of())).hasSize(1);
  }

  @Test
  void storesTheRootCause() {
    Part part = claim(PartStatus.PLANNED);

    setbacks.tryAgainLater(
        part, new IllegalStateException("outer", new ConnectException("Connection refused")));

    assertThat(store.jobs().part(part.id()).orElseThrow().schedule().setback())
        .isEqualTo("ConnectException: Connection refused");
    assertThat(contacts.health().getDetails().toString()).contains("Connection refused");
  }

  @Test
  void truncatesLongMessages() {
    Part part = claim(PartStatus.PLANNED);

    setbacks.tryAgainLater(part, new IllegalStateException("x".repeat(9999)));

    assertThat(store.jobs().part(part.id()).orElseThrow().schedule().setback()).hasSize(1000);
  }

  private Part claim(PartStatus status) {
    String id = "j" + store.overview().countJobs().values().stream().mapToLong(n -> n).sum();
    inProgress(store, id, status);
    var claimed =
        status == PartStatus.SUBMITTED
            ? store.claims().claimBatches(NOON, 1, Set.of())
            : store.claims().claimParts(NOON, 1, Set.of());
    return claimed.getFirst();
  }

  private static RetryableProviderException busy(@Nullable Duration retryAfter) {
    return new RetryableProviderException(429, "HTTP 429: slow down", retryAfter);
  }

  private Duration dueAfter(Part part) {
    return Duration.between(NOON, store.jobs().part(part.id()).orElseThrow().schedule().dueAt());
  }

  private void assertHeldUntil(Claimed row, Duration earliest, Duration latest) {
    assertThat(store.claims().claimParts(NOON.plus(earliest).minusMillis(1), 9, Set.of()))
        .isEmpty();
    assertThat(store.claims().claimBatches(NOON.plus(earliest).minusMillis(1), 9, Set.of()))
        .isEmpty();
    var due = new ArrayList<Claimed>(store.claims().claimParts(NOON.plus(latest), 9, Set.of()));
    due.addAll(store.claims().claimBatches(NOON.plus(latest), 9, Set.of()));
    assertThat(due).extracting(Claimed::id).containsExactly(row.id());
  }
}

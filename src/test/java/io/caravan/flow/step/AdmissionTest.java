package io.caravan.flow.step;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.TestClock;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.late.NoFallback;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.Rows;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.job.Timing;
import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.provider.Quirks;
import io.caravan.provider.Synchronous;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class AdmissionTest {
  private final TestClock clock = new TestClock(NOON);
  private SqliteStore sqlite;
  private Store store;
  private Admission admission;

  @BeforeEach
  void open(@TempDir Path folder) throws IOException {
    sqlite = SqliteStore.in(folder);
    store = sqlite.store();
    var retry =
        new FlowProperties.Retry(
            Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(30), 10);
    var general =
        new FlowProperties.General(
            folder,
            FlowProperties.Duplicates.REFUSE,
            Duration.ofHours(24),
            Duration.ofHours(1),
            false,
            1);
    admission =
        new Admission(
            store.jobs(),
            sqlite.processes().queueLimits(),
            sqlite.processes().sendOrder(),
            sqlite.processes().tokenRates(),
            sqlite.workspace(),
            new Providers(Map.of("local", withRoomForTwo())),
            new JobsToEnd(
                store.jobs(),
                sqlite.processes().cancellations(),
                sqlite.processes().scheduler(),
                clock,
                general),
            new SendHold(store.jobs(), sqlite.processes().scheduler(), clock, ZoneOffset.UTC),
            NoFallback.ladder(),
            clock,
            retry,
            new FlowProperties.Priority(Duration.ofMinutes(30)));
  }

  @AfterEach
  void close() {
    sqlite.close();
  }

  @Test
  void limitsBatchesInFlightPerProvider() {
    List<Part> parts =
        inProgress(
            store,
            "a",
            PartStatus.SUBMITTED,
            PartStatus.PLANNED,
            PartStatus.PLANNED,
            PartStatus.ENDED);

    assertThat(upload(parts.get(1)).status()).isEqualTo(PartStatus.UPLOADING);

    Part waiting = upload(parts.get(2));
    assertThat(waiting.status()).isEqualTo(PartStatus.PLANNED);
    assertThat(waiting.schedule().setback())
        .isEqualTo("waits for a batch to end: local runs 2 of ours, as many as max-batches allows");
    assertThat(waiting.schedule().dueAt()).isAfter(NOON);

    store.jobs().update(parts.getFirst(), b -> b.status(PartStatus.ENDED));
    Part goingOn = upload(waiting);
    assertThat(goingOn.status()).isEqualTo(PartStatus.UPLOADING);
    assertThat(goingOn.schedule().setback()).isNull();
  }

  @Test
  void letsTheUrgentGoFirst() {
    Part low = inProgress(store, "low", PartStatus.PLANNED, PartStatus.SUBMITTED).getFirst();
    Job urgent = Rows.job("urgent").withTiming(Timing.NOW.withPriority(9));
    store.jobs().accept(urgent, false);
    Part high = Rows.part(urgent, 1);
    store.jobs().plan(urgent, List.of(high), b -> b.status(JobStatus.IN_PROGRESS));

    Part waiting = upload(low);

    assertThat(waiting.status()).isEqualTo(PartStatus.PLANNED);
    assertThat(waiting.schedule().setback()).startsWith("waits for its turn at local");
    assertThat(waiting.submission().roomSince()).isEqualTo(NOON);
    assertThat(upload(high).status()).isEqualTo(PartStatus.UPLOADING);
    assertThat(upload(waiting).schedule().setback()).startsWith("waits for a batch to end");
  }

  @Test
  void postponesAnUploadedPartWhenOthersWereFaster() {
    List<Part> parts =
        inProgress(store, "a", PartStatus.SUBMITTED, PartStatus.CREATING, PartStatus.UPLOADED);

    Part waiting = create(parts.getLast());

    assertThat(waiting.status()).isEqualTo(PartStatus.UPLOADED);
    assertThat(waiting.schedule().setback()).contains("max-batches");
    store.jobs().update(parts.getFirst(), b -> b.status(PartStatus.ENDED));
    assertThat(create(waiting).status()).isEqualTo(PartStatus.CREATING);
  }

  @Test
  void spreadsTheRetriesOfManyWaitingParts() {
    PartStatus[] statuses = new PartStatus[400];
    Arrays.fill(statuses, PartStatus.PLANNED);
    statuses[0] = statuses[1] = PartStatus.SUBMITTED;
    List<Part> parts = inProgress(store, "a", statuses);

    List<Duration> waits =
        parts.stream()
            .skip(2)
            .map(part -> Duration.between(NOON, upload(part).schedule().dueAt()))
            .toList();

    assertThat(waits).allMatch(wait -> wait.compareTo(Duration.ofSeconds(100)) < 0);
    assertThat(waits.stream().filter(wait -> wait.compareTo(Duration.ofSeconds(50)) < 0).count())
        .isBetween(120L, 280L);
  }

  private Part upload(Part part) {
    return admission.intendUpload(part, b -> b.status(PartStatus.UPLOADING));
  }

  private Part create(Part part) {
    return admission.intendCreate(part, b -> b.status(PartStatus.CREATING));
  }

  private static Provider withRoomForTwo() {
    return new Provider(
        "openai",
        URI.create("http://127.0.0.1:1/v1"),
        "",
        "",
        "optional",
        null,
        "",
        "",
        "",
        Set.of("/v1/chat/completions"),
        50_000,
        DataSize.ofMegabytes(200),
        50_000,
        2,
        null,
        Duration.ofSeconds(2),
        "Authorization",
        "",
        1,
        false,
        DataSize.ofBytes(0),
        Quirks.NONE,
        Synchronous.PLAIN,
        Map.of());
  }
}

package io.caravan.flow.late;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.Logged;
import io.caravan.TestClock;
import io.caravan.flow.late.LateProperties.Action;
import io.caravan.flow.late.LateProperties.Rule;
import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.send.Forecasts;
import io.caravan.job.send.LateParts;
import io.caravan.provider.Providers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the rules for batches that hang, each in its status. */
class LateBatchesTest {
  @TempDir private Path folder;
  private final TestClock clock = new TestClock(NOON);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private SqliteStore sqlite;

  @BeforeEach
  void open() {
    sqlite = SqliteStore.in(folder);
  }

  @AfterEach
  void close() {
    sqlite.close();
  }

  private LateBatches late(Action action) {
    var jdbc = sqlite.processes().jdbc();
    var hour = Duration.ofHours(1);
    var late =
        new LateBatches(
            new LateParts(jdbc, sqlite.processes().database()),
            sqlite.store().jobs(),
            sqlite.processes().scheduler(),
            new Forecasts(jdbc, hour, Duration.ofMinutes(15)),
            NoFallback.ladder(),
            new Providers(Map.of()),
            new LateProperties(
                hour,
                hour,
                Duration.ofMinutes(15),
                new Rule(hour, action),
                new Rule(hour.multipliedBy(5), action),
                new Rule(hour, action),
                new Rule(hour, action)),
            clock);
    late.bindTo(meters);
    return late;
  }

  private Part submitted(BatchStatus status, @Nullable Instant cancelledAt) {
    Part part = inProgress(sqlite.store(), "a", PartStatus.SUBMITTED).getFirst();
    return sqlite
        .store()
        .jobs()
        .update(
            part,
            b ->
                b.submission(
                    b.submission()
                        .with(s ->
                            s.batchId("batch_1")
                                .batchStatus(status)
                                .submittedAt(NOON)
                                .countedAt(NOON)
                                .cancelledAt(cancelledAt))));
  }

  private Part row() {
    return sqlite.store().jobs().part("a-1").orElseThrow();
  }

  private double stuck(String rule) {
    return meters.get("caravan.batches.stuck").tag("rule", rule).gauge().value();
  }

  @ParameterizedTest
  @CsvSource({
    "VALIDATING, validating, 1",
    "IN_PROGRESS, no-progress, 5",
    "FINALIZING, no-progress, 5"
  })
  void warnsOnceAndActs(BatchStatus status, String rule, int hours) {
    submitted(status, null);
    LateBatches late = late(Action.RESEND);
    clock.advance(Duration.ofHours(hours).minusSeconds(1));
    late.look();
    assertThat(stuck(rule)).isZero();
    assertThat(row().calls().cutShort()).isNull();

    clock.advance(Duration.ofSeconds(1));
    try (var log = Logged.by(LateBatches.class)) {
      late.look();
      late.look();
      assertThat(log.lines()).singleElement().asString().contains("is stuck (" + rule + ")");
    }
    assertThat(stuck(rule)).isEqualTo(1);
    assertThat(row().calls().cutShort()).isEqualTo(CutShort.RESEND);
  }

  @Test
  void onlyWaitsForABatchThatIsBeingCancelled() {
    submitted(BatchStatus.CANCELLING, NOON);
    LateBatches late = late(Action.RESEND);
    clock.advance(Duration.ofHours(2));

    late.look();

    assertThat(stuck("cancelling")).isEqualTo(1);
    assertThat(row().calls().cutShort()).isNull();
  }

  @Test
  void waitsWhereThePipelineDoesNotFallBack() {
    submitted(BatchStatus.VALIDATING, null);
    LateBatches late = late(Action.FALL_BACK);
    clock.advance(Duration.ofHours(2));

    try (var log = Logged.by(LateBatches.class)) {
      late.look();
      assertThat(log.lines()).singleElement().asString().contains("waiting (caravan.late");
    }
    assertThat(row().calls().cutShort()).isNull();
  }

  @Test
  void namesAJobBeforeItIsLate() {
    Part part = submitted(BatchStatus.IN_PROGRESS, null);
    var jobs = sqlite.store().jobs();
    jobs.update(
        jobs.job(part.jobId()).orElseThrow(),
        b -> b.timing(b.timing().withDeadlineAt(NOON.plus(Duration.ofHours(2)))));
    LateBatches late = late(Action.WAIT);

    clock.advance(Duration.ofMinutes(104));
    late.look();
    assertThat(meters.get("caravan.jobs.at.risk").gauge().value()).isZero();
    clock.advance(Duration.ofMinutes(2));
    try (var log = Logged.by(LateBatches.class)) {
      late.look();
      late.look();
      assertThat(log.lines()).singleElement().asString().contains("may miss its deadline");
    }
    assertThat(meters.get("caravan.jobs.at.risk").gauge().value()).isEqualTo(1);
    assertThat(meters.get("caravan.jobs.overdue").gauge().value()).isZero();
    clock.advance(Duration.ofMinutes(20));
    late.look();
    assertThat(meters.get("caravan.jobs.overdue").gauge().value()).isEqualTo(1);
  }
}

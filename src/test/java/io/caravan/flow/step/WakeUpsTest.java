package io.caravan.flow.step;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.inProgress;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.TestClock;
import io.caravan.flow.FlowProperties;
import io.caravan.job.Part;
import io.caravan.job.PartStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how events bring polls forward, and how polls become rare behind events. */
class WakeUpsTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Set<String> PROVIDERS = Set.of("local");

  @TempDir private Path folder;
  private final TestClock clock = new TestClock(NOON);
  private final PollPace pace =
      new PollPace(
          new FlowProperties.Poll(
              Duration.ofSeconds(1), Duration.ofSeconds(30), HOUR, HOUR, Duration.ofMinutes(5)),
          clock);
  private SqliteStore file;
  private Store store;
  private WakeUps wakeUps;

  @BeforeEach
  void open() {
    file = SqliteStore.in(folder);
    store = file.store();
    wakeUps = new WakeUps(file.processes().waitingBatches(), pace, clock);
    inProgress(store, "a", PartStatus.SUBMITTED);
    Part part = store.jobs().part("a-1").orElseThrow();
    store
        .jobs()
        .update(
            part,
            b ->
                b.submission(b.submission().withBatchId("batch_1"))
                    .schedule(b.schedule().withDueAt(NOON.plus(HOUR))));
  }

  @AfterEach
  void close() {
    file.close();
  }

  private Instant due() {
    return store.claims().nextBatchDue().orElseThrow();
  }

  private void pollAll() {
    for (Part part : store.claims().claimBatches(clock.instant(), 9, Set.of())) {
      store
          .jobs()
          .askAgain(part, b -> b.schedule(b.schedule().withDueAt(clock.instant().plus(HOUR))));
    }
  }

  @Test
  void bringsPollForward() {
    assertThat(wakeUps.wake("batch_1", PROVIDERS)).isTrue();

    assertThat(due()).isEqualTo(NOON);
  }

  @Test
  void ignoresOtherBatches() {
    assertThat(wakeUps.wake("batch_2", PROVIDERS)).isFalse();
    assertThat(wakeUps.wake("batch_1", Set.of("openai"))).isFalse();

    assertThat(due()).isEqualTo(NOON.plus(HOUR));
  }

  @Test
  void pollsAtMostEveryFiveSecondsForAFlood() {
    int polls = 0;
    for (int millis = 0; millis < 60_000; millis += 100) {
      wakeUps.wake("batch_1", PROVIDERS);
      if (!due().isAfter(clock.instant())) {
        pollAll();
        polls++;
      }
      clock.advance(Duration.ofMillis(100));
    }

    assertThat(polls).isBetween(10, 13);
  }

  @Test
  void postponesSecondEventRatherThanLosingIt() {
    wakeUps.wake("batch_1", PROVIDERS);
    pollAll();
    clock.advance(Duration.ofSeconds(2));
    wakeUps.wake("batch_1", PROVIDERS);

    assertThat(due()).isEqualTo(NOON.plusSeconds(5));
  }

  @Test
  void pollsAgainAfterPollThatWasInFlight() {
    clock.advance(HOUR);
    Part inFlight = store.claims().claimBatches(clock.instant(), 9, Set.of()).getFirst();
    Instant event = clock.instant();
    assertThat(wakeUps.wake("batch_1", PROVIDERS)).isTrue();
    wakeUps.repeatHeld();
    clock.advance(Duration.ofSeconds(1));
    store
        .jobs()
        .askAgain(inFlight, b -> b.schedule(b.schedule().withDueAt(clock.instant().plus(HOUR))));

    wakeUps.repeatHeld();

    assertThat(due()).isEqualTo(event);
    pollAll();
    wakeUps.repeatHeld();
    assertThat(store.claims().claimBatches(clock.instant(), 9, Set.of())).as("once").isEmpty();
  }

  @Test
  void pollsRarelyForADayAfterAnEvent() {
    assertThat(longest()).isEqualTo(Duration.ofSeconds(30));
    wakeUps.wake("batch_2", PROVIDERS);
    assertThat(longest()).as("the event of a foreign batch").isEqualTo(Duration.ofSeconds(30));

    wakeUps.wake("batch_1", PROVIDERS);

    assertThat(longest()).isEqualTo(Duration.ofMinutes(5));
    assertThat(pace.slowest().max()).isEqualTo(Duration.ofMinutes(5));
    assertThat(pace.of("openai").max()).isEqualTo(Duration.ofSeconds(30));
    clock.advance(Duration.ofHours(25));
    assertThat(longest()).isEqualTo(Duration.ofSeconds(30));
    assertThat(pace.slowest().max()).isEqualTo(Duration.ofSeconds(30));
  }

  private Duration longest() {
    return pace.of("local").max();
  }
}

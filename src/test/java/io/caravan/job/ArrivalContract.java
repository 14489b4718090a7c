package io.caravan.job;

import static io.caravan.job.Rows.NOON;
import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of every store: accepts each file once, and the same content once. */
abstract class ArrivalContract {
  private static final boolean ALLOW = true;
  private static final boolean REFUSE = false;

  private Store store;

  abstract Processes open();

  @BeforeEach
  void openStore() {
    store = open().store();
  }

  @Test
  void acceptsNewContent() {
    assertThat(store.jobs().accept(job("a"), REFUSE)).isEqualTo(new Arrival.Accepted(job("a")));
    assertThat(store.jobs().accept(job("b"), REFUSE)).isEqualTo(new Arrival.Accepted(job("b")));
    assertThat(store.jobs().job("a")).contains(job("a"));
  }

  @Test
  void findsAcceptedObjectsOfPipeline() {
    store
        .jobs()
        .accept(job("a").with(b -> b.file(b.file().withArrival("s3://bucket/a 1"))), REFUSE);
    store
        .jobs()
        .accept(
            job("b")
                .with(b -> b.file(b.file().withArrival("s3://bucket/b 1")))
                .withPipeline("nightly"),
            REFUSE);
    var arrivals = List.of("s3://bucket/a 1", "s3://bucket/a 2", "s3://bucket/b 1");

    assertThat(store.jobs().accepted(job("a").pipeline(), arrivals))
        .containsExactly(Map.entry("s3://bucket/a 1", "a"));
    assertThat(store.jobs().accepted("nightly", arrivals)).containsOnlyKeys("s3://bucket/b 1");
    assertThat(store.jobs().accepted("nightly", List.of())).isEmpty();
  }

  @Test
  void acceptsSameContentInAnotherPipeline() {
    store.jobs().accept(job("a"), REFUSE);

    assertThat(store.jobs().accept(job("b").withIdentity("nightly|content of a"), REFUSE))
        .isInstanceOf(Arrival.Accepted.class);
  }

  @ParameterizedTest
  @EnumSource
  void recognisesRepeatedFileInAnyJobStatus(JobStatus status) {
    Job first = store.jobs().accept(job("a").withStatus(status), REFUSE).job();

    for (boolean duplicates : new boolean[] {REFUSE, ALLOW}) {
      assertThat(store.jobs().accept(again("b", first), duplicates))
          .isEqualTo(new Arrival.Repeated(first));
    }
    assertThat(store.jobs().job("b")).isEmpty();
  }

  @Test
  void recognisesRepeatedFileWithDuplicateContent() {
    store.jobs().accept(job("a"), ALLOW);
    Job second = store.jobs().accept(like("b", "a"), ALLOW).job();

    assertThat(store.jobs().accept(again("c", like("b", "a")), ALLOW))
        .isEqualTo(new Arrival.Repeated(second));
  }

  @Test
  void recognisesRepeatedDuplicate() {
    store.jobs().accept(job("a"), REFUSE);
    Job refused = store.jobs().accept(like("b", "a"), REFUSE).job();

    assertThat(store.jobs().accept(again("c", like("b", "a")), REFUSE))
        .isEqualTo(new Arrival.Repeated(refused));
  }

  @Test
  void refusesDuplicateContentAndNamesEarlierJob() {
    Job earlier = store.jobs().accept(job("a"), REFUSE).job();

    var arrival = store.jobs().accept(like("b", "a"), REFUSE);

    assertThat(arrival)
        .isInstanceOfSatisfying(
            Arrival.Duplicate.class,
            duplicate -> assertThat(duplicate.earlier()).isEqualTo(earlier));
    assertThat(store.jobs().job("b")).contains(arrival.job());
    assertThat(arrival.job().status()).isEqualTo(JobStatus.SETTLED);
    assertThat(arrival.job().refusal())
        .isEqualTo(
            "b.jsonl has the same content as job a (a.jsonl), which was accepted at "
                + NOON
                + ". Nothing was sent. To pay for it again, set CARAVAN_DUPLICATES=allow.");
  }

  @Test
  void namesFirstJobForEveryDuplicate() {
    Job earlier = store.jobs().accept(finished("a", 1), REFUSE).job();
    for (String id : List.of("b", "c", "d")) {
      assertThat(store.jobs().accept(like(id, "a"), REFUSE))
          .isInstanceOfSatisfying(
              Arrival.Duplicate.class,
              duplicate -> assertThat(duplicate.earlier()).isEqualTo(earlier));
    }
  }

  @Test
  void acceptsDuplicatesWhenAllowed() {
    store.jobs().accept(job("a"), REFUSE);

    assertThat(store.jobs().accept(like("b", "a"), ALLOW)).isInstanceOf(Arrival.Accepted.class);
    assertThat(store.jobs().accept(like("c", "a"), ALLOW)).isInstanceOf(Arrival.Accepted.class);
    assertThat(store.jobs().job("c").orElseThrow().status()).isEqualTo(JobStatus.ACCEPTED);
  }

  @Test
  void refusesDuplicateOfAllowedDuplicate() {
    store.jobs().accept(job("a"), ALLOW);

    assertThat(store.jobs().accept(like("b", "a"), REFUSE)).isInstanceOf(Arrival.Duplicate.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"DELIVERED", "RELEASED"})
  void acceptsContentAgainAfterJobWithoutResults(JobStatus ended) {
    store.jobs().accept(finished("a", 0).withStatus(ended), REFUSE);

    Arrival second = store.jobs().accept(like("b", "a"), REFUSE);

    assertThat(second).isInstanceOf(Arrival.Accepted.class);
    assertThat(store.jobs().accept(like("c", "a"), REFUSE))
        .isInstanceOfSatisfying(
            Arrival.Duplicate.class,
            duplicate -> assertThat(duplicate.earlier()).isEqualTo(second.job()));
  }

  @Test
  void acceptsConcurrentDuplicatesOnce() throws Exception {
    try (var pool = Executors.newFixedThreadPool(8)) {
      List<Callable<Arrival>> arrivals =
          IntStream.range(0, 24)
              .<Callable<Arrival>>mapToObj(
                  i -> () -> store.jobs().accept(like("j" + i, "a"), REFUSE))
              .toList();
      var outcomes = pool.invokeAll(arrivals).stream().map(Future::resultNow).toList();

      assertThat(outcomes).filteredOn(Arrival.Accepted.class::isInstance).hasSize(1);
      assertThat(outcomes).filteredOn(Arrival.Duplicate.class::isInstance).hasSize(23);
    }
  }

  private static Job finished(String id, long results) {
    return job(id).with(b -> b.status(JobStatus.DELIVERED).counts(b.counts().withResults(results)));
  }

  /** The same content, dropped again. */
  private static Job like(String id, String content) {
    return job(id).withIdentity("default|content of " + content);
  }

  /** The same file, read again. */
  private static Job again(String id, Job first) {
    return job(id)
        .with(b -> b.identity(first.identity()).file(b.file().withArrival(first.file().arrival())));
  }
}

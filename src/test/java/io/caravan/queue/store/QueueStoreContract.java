package io.caravan.queue.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.job.Job;
import io.caravan.job.JobFile;
import io.caravan.job.JobStatus;
import io.caravan.job.Processes;
import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueueJob;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.RequestId;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.Waiting;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** What holds for queued requests on every database. */
abstract class QueueStoreContract {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final RequestGroup GROUP =
      new RequestGroup("default", "alice", "openai", "/v1/chat/completions", "gpt-4.1-mini");

  private final RequestId ids = new RequestId(CLOCK);
  private Processes processes;
  private RequestStore store;
  private QueueJobs jobs;
  private OutcomeStore outcomes;

  abstract Processes open();

  @BeforeEach
  void begin() {
    processes = open();
    var callbacks =
        new CallbackStore(
            processes.jdbc(),
            new JdbcTemplate(processes.source()),
            processes.transactions(),
            processes.database(),
            processes.replica(),
            CLOCK);
    store = new RequestStore(processes.jdbc(), processes.transactions(), callbacks, CLOCK);
    jobs = jobsOfAReplica();
    outcomes =
        new OutcomeStore(
            processes.jdbc(),
            new JdbcTemplate(processes.source()),
            processes.transactions(),
            callbacks,
            CLOCK);
  }

  private QueueJobs jobsOfAReplica() {
    return new QueueJobs(
        processes.jdbc(),
        processes.transactions(),
        processes.database(),
        processes.replica(),
        CLOCK);
  }

  private NewRequest request(String customId, int priority) {
    return request(GROUP, customId, priority, "{\"n\":\"" + customId + "\"}");
  }

  private NewRequest request(RequestGroup group, String customId, int priority, String body) {
    return new NewRequest(
        ids.next(), group, customId, "label", priority, body, 100, 10, null, null, null);
  }

  private List<Added> add(NewRequest... requests) {
    return store.add(Stream.of(requests).map(it -> new Addition(it, null, "{}")).toList());
  }

  private QueueJob take(long most) {
    return jobs.take(GROUP, null, most, "queue", true).orElseThrow();
  }

  @Test
  void keepsRequestsInOrderOfArrival() {
    assertThat(add(request("a", 5), request("b", 5))).hasOnlyElementsOfType(Added.Queued.class);
    add(request("c", 5));

    assertThat(store.list("alice", null, null, "", 10))
        .extracting(QueuedRequest::customId)
        .containsExactly("a", "b", "c");
    assertThat(store.list("alice", "other", null, "", 10)).isEmpty();
    assertThat(store.list("bob", null, null, "", 10)).isEmpty();
    assertThat(store.list(null, "label", RequestStatus.QUEUED, "", 2)).hasSize(2);
    assertThat(store.queued()).containsEntry("alice", 3L);
  }

  @Test
  void rejectsACustomIdThatTheClientHasUsed() {
    NewRequest first = request("a", 5);
    add(first);

    List<Added> outcomes =
        add(
            request("a", 5),
            request("b", 5),
            request("b", 5),
            request(new RequestGroup("default", "bob", "openai", "/v1/e", "m"), "a", 5, "{}"));

    assertThat(outcomes.get(0)).isEqualTo(new Added.CustomIdInUse(first.id()));
    assertThat(outcomes.get(1)).isInstanceOf(Added.Queued.class);
    assertThat(outcomes.get(2)).isInstanceOf(Added.CustomIdInUse.class);
    assertThat(outcomes.get(3)).isInstanceOf(Added.Queued.class);
    assertThat(jobs.waiting()).extracting(Waiting::requests).containsExactly(2L, 1L);
  }

  @Test
  void answersARepeatedCallAsBefore() {
    var key = new IdempotencyKey("alice", "k", "hash");
    NewRequest first = request("a", 5);
    store.add(List.of(new Addition(first, key, "first")));

    List<Added> again =
        store.add(
            List.of(
                new Addition(request("a", 5), key, "second"),
                new Addition(request("z", 5), new IdempotencyKey("alice", "k", "other"), "third"),
                new Addition(request("y", 5), new IdempotencyKey("bob", "k", "other"), "fourth")));

    assertThat(again)
        .containsExactly(new Added.Repeated("first"), new Added.KeyInUse(), new Added.Queued());
    assertThat(store.list(null, null, null, "", 10))
        .extracting(QueuedRequest::customId)
        .containsExactly("a", "y");
  }

  @Test
  void forgetsTheKeyOfARejectedCall() {
    add(request("a", 5));
    var key = new IdempotencyKey("alice", "k", "hash");

    store.add(List.of(new Addition(request("a", 5), key, "first")));

    assertThat(store.add(List.of(new Addition(request("b", 5), key, "second"))))
        .containsExactly(new Added.Queued());
  }

  @Test
  void addsAllRequestsOrNone() {
    var batches = new ArrayList<>(List.of(List.of(request("a", 5)), List.of(request("b", 5))));

    assertThatThrownBy(() ->
            store.addAll(
                null,
                () -> {
                  if (batches.isEmpty()) {
                    throw new IllegalStateException("broken source");
                  }
                  return batches.removeFirst();
                },
                (request, id) -> {},
                () -> ""))
        .hasMessage("broken source");

    assertThat(store.list(null, null, null, "", 10)).isEmpty();
    assertThat(jobs.waiting()).isEmpty();
  }

  @Test
  void takesTheHighestPriorityFirst() throws IOException {
    add(request("low", 1), request("old", 5), request("new", 5), request("high", 9));

    QueueJob job = take(3);

    assertThat(job.requests()).isEqualTo(3);
    assertThat(lines(job)).containsExactly(line("high"), line("old"), line("new"));
    assertThat(jobs.waiting())
        .singleElement()
        .isEqualTo(new Waiting(GROUP, "label", 1, 1, 100, 10));
    assertThat(store.list(null, null, RequestStatus.SUBMITTED, "", 10))
        .extracting(QueuedRequest::jobId)
        .containsOnly(job.id());
  }

  private static String line(String customId) {
    return "{\"custom_id\":\"%1$s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"n\":\"%1$s\"}}"
        .formatted(customId);
  }

  private List<String> lines(QueueJob job) throws IOException {
    return new String(jobs.lines(job).readAllBytes(), UTF_8).lines().toList();
  }

  @Test
  void readsLargeRequestsPageByPage() throws IOException {
    String body = "{\"text\":\"" + "x".repeat(1 << 20) + "\"}";
    List<NewRequest> large =
        IntStream.range(0, 12)
            .mapToObj(i -> {
              NewRequest request = request(GROUP, "r" + i, 5 - i % 2, body);
              return new NewRequest(
                  request.id(),
                  GROUP,
                  request.customId(),
                  "label",
                  request.priority(),
                  body,
                  body.length(),
                  1,
                  null,
                  null,
                  null);
            })
            .toList();
    add(large.toArray(NewRequest[]::new));

    assertThat(lines(take(100)))
        .hasSize(12)
        .allSatisfy(it -> assertThat(it).hasSizeGreaterThan(1 << 20));
  }

  @Test
  void takesOneJobType() {
    NewRequest other =
        new NewRequest(ids.next(), GROUP, "x", "other", 5, "{}", 100, 10, null, null, null);
    add(request("a", 5), other);

    assertThat(jobs.take(GROUP, "other", 10, "queue", true).orElseThrow().requests()).isOne();
    assertThat(jobs.take(GROUP, "other", 10, "queue", true)).isEmpty();
    assertThat(jobs.waiting()).extracting(Waiting::jobType).containsExactly("label");
  }

  @Test
  void takesEachRequestOnce() throws Exception {
    int requests = 400;
    add(IntStream.range(0, requests).mapToObj(i -> request("r" + i, 5)).toArray(NewRequest[]::new));

    List<QueueJob> taken = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Callable<List<QueueJob>>> takers =
          IntStream.range(0, 4)
              .mapToObj(i -> (Callable<List<QueueJob>>) () -> takeAll(jobsOfAReplica()))
              .toList();
      for (Future<List<QueueJob>> each : threads.invokeAll(takers)) {
        taken.addAll(each.get());
      }
    }

    assertThat(taken.stream().mapToLong(QueueJob::requests).sum()).isEqualTo(requests);
    assertThat(store.list(null, null, RequestStatus.QUEUED, "", 10)).isEmpty();
    assertThat(jobs.waiting()).isEmpty();
  }

  private List<QueueJob> takeAll(QueueJobs replica) {
    var taken = new ArrayList<QueueJob>();
    while (!replica.waiting().isEmpty()) {
      replica.take(GROUP, null, 7, "queue", false).ifPresent(taken::add);
    }
    return taken;
  }

  @Test
  void resumesAJobThatADeadReplicaHasTaken() {
    add(request("a", 5));
    QueueJob job = take(10);
    QueueJobs other = jobsOfAReplica();

    assertThat(other.claimToAccept()).isEmpty();
    processes.lapse();
    QueueJobs survivor = jobsOfAReplica();

    assertThat(survivor.claimToAccept()).map(QueueJob::id).contains(job.id());
    assertThat(survivor.claimToAccept()).isEmpty();
  }

  @Test
  void answersOnceTheJobIsSettled() {
    add(request("a", 5), request("b", 5), request("c", 5));
    QueueJob job = take(10);
    jobs.accepted(job);
    assertThat(jobs.claimToAnswer()).isEmpty();
    accept(job, JobStatus.SETTLED);

    QueueJob claimed = jobs.claimToAnswer().orElseThrow();
    outcomes.end(claimed, List.of(new RequestOutcome("a", RequestStatus.COMPLETED, "line a")));
    outcomes.end(claimed, List.of(new RequestOutcome("a", RequestStatus.FAILED, "another")));
    outcomes.endRest(claimed, RequestStatus.EXPIRED, "rest");
    jobs.answered(claimed);

    assertThat(jobs.claimToAnswer()).isEmpty();
    assertThat(store.list(null, null, null, "", 10))
        .extracting(it -> it.status() + " " + find(it.id()).answer())
        .containsExactly("COMPLETED line a", "EXPIRED rest", "EXPIRED rest");
    assertThat(jobs.turnaround("openai", 5)).contains(Duration.ZERO);
  }

  private QueuedRequest find(String id) {
    return store.find(id).orElseThrow();
  }

  private void accept(QueueJob job, JobStatus status) {
    var file = new JobFile("queue", "q.jsonl", "", job.id(), 0);
    processes
        .store()
        .jobs()
        .accept(
            Job.accepted(job.id(), "queue", "openai", file, NOW)
                .with(b -> b.identity(job.id()).status(status)),
            false);
  }

  @Test
  void cancelsAQueuedRequest() {
    NewRequest request = request("a", 5);
    add(request, request("b", 5));

    Optional<QueuedRequest> cancelled = store.cancel(request.id());

    assertThat(cancelled).map(QueuedRequest::status).contains(RequestStatus.CANCELLED);
    assertThat(jobs.waiting())
        .singleElement()
        .isEqualTo(new Waiting(GROUP, "label", 5, 1, 100, 10));
    assertThat(take(10).requests()).isOne();
  }

  @Test
  void dropsTheAnswerOfACancelledRequest() {
    NewRequest request = request("a", 5);
    add(request);
    QueueJob job = take(10);

    store.cancel(request.id());
    outcomes.end(job, List.of(new RequestOutcome("a", RequestStatus.COMPLETED, "line")));

    assertThat(find(request.id()).status()).isEqualTo(RequestStatus.CANCELLED);
    assertThat(find(request.id()).answer()).isNull();
    assertThat(jobs.waiting()).isEmpty();
  }

  @Test
  void deletesWhatEndedLongAgo() {
    NewRequest ended = request("a", 5);
    add(ended, request("b", 5));
    store.cancel(ended.id());

    assertThat(store.deleteEnded(NOW, 10)).isZero();
    assertThat(store.deleteEnded(NOW.plusMillis(1), 10)).isOne();
    assertThat(store.find(ended.id())).isEmpty();
    assertThat(add(request("a", 5))).containsExactly(new Added.Queued());
  }
}

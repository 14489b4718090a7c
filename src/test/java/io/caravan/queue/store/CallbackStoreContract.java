package io.caravan.queue.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.caravan.job.Processes;
import io.caravan.lease.Replica;
import io.caravan.queue.Callback;
import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.CallbackStatus;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.RequestId;
import io.caravan.queue.RequestStatus;
import io.caravan.routes.fake.TestTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Contract of the rows of callbacks. */
abstract class CallbackStoreContract {
  private static final String HOOK = "https://hooks.example.com/a";
  private static final CallbackOutcome DELIVERED = new CallbackOutcome.Delivered(204);

  private final TestTime clock = new TestTime();
  private final RequestId ids = new RequestId(clock);
  private ReplicaStores process;

  /** Opens an empty database. */
  abstract Processes open();

  /** The stores of one replica. */
  private static final class ReplicaStores {
    final Processes processes;
    final CallbackStore callbacks;
    final CallbackList list;
    final RequestStore requests;
    final OutcomeStore outcomes;
    final QueueJobs jobs;

    ReplicaStores(Processes processes, TestTime clock) {
      this.processes = processes;
      JdbcClient jdbc = processes.jdbc();
      Replica replica = processes.replica();
      var template = new JdbcTemplate(processes.source());
      var transactions = processes.transactions();
      this.callbacks =
          new CallbackStore(jdbc, template, transactions, processes.database(), replica, clock);
      this.list = new CallbackList(jdbc, transactions, processes.database(), clock);
      this.requests = new RequestStore(jdbc, transactions, callbacks, clock);
      this.outcomes = new OutcomeStore(jdbc, template, transactions, callbacks, clock);
      this.jobs = new QueueJobs(jdbc, transactions, processes.database(), replica, clock);
    }
  }

  @BeforeEach
  void openStore() {
    process = new ReplicaStores(open(), clock);
  }

  private ReplicaStores anotherReplica() {
    return new ReplicaStores(process.processes, clock);
  }

  private static RequestGroup group(String client) {
    return new RequestGroup("default", client, "local", "/v1/embeddings", "model");
  }

  private NewRequest request(String client, String customId, @Nullable String url) {
    return new NewRequest(
        ids.next(), group(client), customId, "", 5, "{}", 100, 10, null, url, null);
  }

  private void queue(NewRequest... requests) {
    List<Addition> additions = new ArrayList<>();
    for (NewRequest request : requests) {
      additions.add(new Addition(request, null, ""));
    }
    assertThat(process.requests.add(additions)).allMatch(Added.Queued.class::isInstance);
  }

  private QueueJob take(String client) {
    return process.jobs.take(group(client), null, 1000, "queue", true).orElseThrow();
  }

  private static RequestOutcome completed(String customId) {
    return new RequestOutcome(customId, RequestStatus.COMPLETED, "{}");
  }

  /** Callbacks of a client to a URL, due now, named a, b, c, … */
  private void due(String client, String url, int count) {
    var requests = new ArrayList<NewRequest>();
    var outcomes = new ArrayList<RequestOutcome>();
    for (int i = 0; i < count; i++) {
      String customId = ids.next();
      requests.add(request(client, customId, url));
      outcomes.add(completed(customId));
    }
    queue(requests.toArray(NewRequest[]::new));
    process.outcomes.end(take(client), outcomes);
  }

  private List<Callback> all() {
    return process.list.list(null, null, "", 1000);
  }

  private List<Callback> all(CallbackStatus status) {
    return process.list.list(null, status, "", 1000);
  }

  private static List<Callback> claim(ReplicaStores process, int most) {
    return process.callbacks.dueLanes().stream()
        .flatMap(lane -> process.callbacks.claim(lane, most).stream())
        .toList();
  }

  private Callback claimOne() {
    return claim(process, 1).getFirst();
  }

  private CallbackOutcome failed() {
    return new CallbackOutcome.Failed(500, "answered 500", clock.instant().plusSeconds(5), null);
  }

  @Test
  void storesCallbacksWithOutcomes() {
    NewRequest a = request("", "a", HOOK);
    NewRequest b = request("", "b", null);
    NewRequest c = request("", "c", HOOK);
    NewRequest d = request("", "d", HOOK);
    queue(a, b, c, d);
    QueueJob job = take("");

    process.outcomes.end(job, List.of(completed("a"), completed("b")));
    process.outcomes.end(job, List.of(completed("a"), completed("unknown")));
    process.outcomes.endRest(job, RequestStatus.FAILED, "{}");

    assertThat(all())
        .extracting(Callback::requestId, Callback::status, Callback::tries)
        .containsExactly(
            tuple(a.id(), CallbackStatus.PENDING, 0),
            tuple(c.id(), CallbackStatus.PENDING, 0),
            tuple(d.id(), CallbackStatus.PENDING, 0));
    assertThat(all().getFirst().id()).isEqualTo(a.id().replace("req_", "msg_"));
    assertThat(all().getFirst().endpoint()).isEqualTo(new CallbackEndpoint("", HOOK));
    assertThat(process.list.due()).isEqualTo(3);
  }

  @Test
  void storesCallbacksOfCancelledRequests() {
    NewRequest submitted = request("", "a", HOOK);
    queue(submitted, request("", "b", null));
    take("");
    NewRequest queued = request("", "c", HOOK);
    queue(queued);

    process.requests.cancel(submitted.id());
    process.requests.cancel(queued.id());
    process.requests.cancel(queued.id());

    assertThat(all()).extracting(Callback::requestId).containsExactly(submitted.id(), queued.id());
  }

  @Test
  void keepsCallbacksAfterCrash() {
    due("", HOOK, 1);
    Callback lost = claimOne();
    ReplicaStores other = anotherReplica();
    assertThat(claim(other, 10)).as("another replica sends it").isEmpty();

    process.processes.lapse();
    ReplicaStores third = anotherReplica();

    assertThat(claim(third, 10)).extracting(Callback::id).containsExactly(lost.id());
    process.callbacks.record(lost, DELIVERED);
    assertThat(all().getFirst().status())
        .as("an outcome from a replica that lost its lease")
        .isEqualTo(CallbackStatus.PENDING);
  }

  @Test
  void releasesWhatItDoesNotSend() {
    due("", HOOK, 2);
    List<Callback> claimed = claim(process, 2);

    process.callbacks.releaseExcept(Set.of(claimed.getFirst().id()));
    assertThat(claim(process, 2)).extracting(Callback::id).containsExactly(claimed.getLast().id());
    process.callbacks.releaseExcept(Set.of());
    assertThat(claim(process, 2)).hasSize(2);
  }

  @Test
  void claimsByLane() {
    due("a", "https://one.example/x", 3);
    clock.shift(Duration.ofSeconds(1));
    due("a", "https://two.example/x", 1);
    due("b", "https://one.example/y", 1);

    List<CallbackEndpoint.Lane> lanes = process.callbacks.dueLanes();

    assertThat(lanes).first().isEqualTo(new CallbackEndpoint.Lane("a", "one.example"));
    assertThat(lanes)
        .containsExactlyInAnyOrder(
            new CallbackEndpoint.Lane("a", "one.example"),
            new CallbackEndpoint.Lane("a", "two.example"),
            new CallbackEndpoint.Lane("b", "one.example"));
    assertThat(process.callbacks.claim(lanes.getFirst(), 2)).hasSize(2);
    assertThat(process.callbacks.claim(lanes.getFirst(), 2)).hasSize(1);
    assertThat(process.callbacks.claim(lanes.getFirst(), 2)).isEmpty();
  }

  @Test
  void storesDelivery() {
    due("", HOOK, 1);

    assertThat(process.callbacks.record(claimOne(), DELIVERED)).isEmpty();

    Callback delivered = all(CallbackStatus.DELIVERED).getFirst();
    assertThat(delivered.tries()).isOne();
    assertThat(delivered.answer()).isEqualTo(204);
    assertThat(delivered.dueAt()).isNull();
    assertThat(delivered.endedAt()).isNotNull();
    assertThat(delivered.owner()).isNull();
    assertThat(process.callbacks.dueLanes()).isEmpty();
    assertThat(process.list.due()).isZero();
  }

  @Test
  void retriesFailures() {
    due("", HOOK, 1);

    Optional<Callback.Health> health = process.callbacks.record(claimOne(), failed());

    assertThat(health).contains(new Callback.Health(1, null, null));
    assertThat(claim(process, 1)).isEmpty();
    clock.shift(Duration.ofSeconds(6));
    Callback again = claimOne();
    assertThat(again.tries()).isOne();
    assertThat(again.problem()).isEqualTo("answered 500");
    assertThat(again.status()).isEqualTo(CallbackStatus.FAILED);
    process.callbacks.record(again, DELIVERED);
    assertThat(all().getFirst().health()).as("the receiver works again").isNull();
    assertThat(all().getFirst().problem()).isNull();
  }

  @Test
  void endsAfterLastFailure() {
    due("", HOOK, 1);

    process.callbacks.record(
        claimOne(), new CallbackOutcome.Failed(null, "x".repeat(600), null, null));

    Callback ended = all(CallbackStatus.EXHAUSTED).getFirst();
    assertThat(ended.answer()).isNull();
    assertThat(ended.problem()).hasSize(500);
    assertThat(ended.endedAt()).isNotNull();
  }

  @Test
  void pausesReceiverAfterTenFailuresAndTriesOne() {
    due("", HOOK, 30);
    for (int i = 0; i < CallbackStore.TRIP; i++) {
      process.callbacks.record(claimOne(), failed());
    }

    assertThat(claim(process, 10)).isEmpty();
    due("", "https://hooks.example.com/other", 1);
    assertThat(claim(process, 10)).as("another receiver at this host").hasSize(1);
    due("", HOOK, 1);
    clock.shift(Duration.ofMinutes(4));
    assertThat(claim(process, 10)).as("also new ones wait").isEmpty();

    clock.shift(Duration.ofMinutes(2));
    List<Callback> trial = claim(process, 10);
    assertThat(trial).hasSize(1);
    assertThat(claim(process, 10)).isEmpty();
    assertThat(claim(anotherReplica(), 10)).isEmpty();
    assertThat(process.callbacks.record(trial.getFirst(), failed()).orElseThrow().failures())
        .isEqualTo(11);
    clock.shift(Duration.ofMinutes(9));
    assertThat(claim(process, 10)).as("the next pause is longer").isEmpty();

    clock.shift(Duration.ofMinutes(2));
    process.callbacks.record(claimOne(), DELIVERED);
    clock.shift(Duration.ofSeconds(31));
    assertThat(claim(process, 10)).hasSize(10);
  }

  @Test
  void waitsAsLongAsReceiverAsks() {
    due("", HOOK, 3);
    Instant later = clock.instant().plusSeconds(60);

    process.callbacks.record(
        claimOne(), new CallbackOutcome.Failed(429, "answered 429", later, later));

    assertThat(claim(process, 10)).isEmpty();
    clock.shift(Duration.ofSeconds(61));
    assertThat(claim(process, 10)).as("a trial").hasSize(1);
  }

  @Test
  void disablesReceiver() {
    due("", HOOK, 5);
    due("", "https://hooks.example.com/other", 1);
    due("b", HOOK, 1);
    Callback first =
        claim(process, 1).stream()
            .filter(it -> it.endpoint().equals(new CallbackEndpoint("", HOOK)))
            .findFirst()
            .orElseThrow();

    process.callbacks.record(first, new CallbackOutcome.Disabled(410, "answered 410"));
    due("", HOOK, 1);

    assertThat(all(CallbackStatus.DISABLED)).hasSize(6);
    assertThat(all(CallbackStatus.DISABLED))
        .extracting(Callback::health)
        .allMatch(it -> it != null && it.disabledAt() != null);
    assertThat(all(CallbackStatus.PENDING)).as("of others").hasSize(2);

    process.list.replay(first.id());
    assertThat(all(CallbackStatus.DISABLED)).hasSize(5).allMatch(it -> it.health() == null);
    assertThat(process.list.find(first.id()).orElseThrow().status())
        .isEqualTo(CallbackStatus.PENDING);
  }

  @Test
  void disablesWhatWasSentMeanwhile() {
    due("", HOOK, 2);
    List<Callback> both = claim(process, 2);

    process.callbacks.record(both.getFirst(), new CallbackOutcome.Disabled(410, "answered 410"));
    process.callbacks.record(both.getLast(), failed());
    clock.shift(Duration.ofSeconds(6));

    assertThat(claim(process, 2)).isEmpty();
    assertThat(all(CallbackStatus.DISABLED)).hasSize(2);
  }

  @Test
  void listsCallbacksOfClient() {
    due("a", HOOK, 3);
    due("b", HOOK, 1);
    List<Callback> ofA = process.list.list("a", null, "", 2);

    assertThat(ofA).hasSize(2).allMatch(it -> it.endpoint().client().equals("a"));
    assertThat(process.list.list("a", null, ofA.getLast().id(), 2)).hasSize(1);
    assertThat(process.list.list("b", CallbackStatus.PENDING, "", 10)).hasSize(1);
    assertThat(process.list.list("b", CallbackStatus.FAILED, "", 10)).isEmpty();
    assertThat(process.list.list(null, CallbackStatus.PENDING, "", 10)).hasSize(4);
  }

  @Test
  void replaysRange() {
    Instant begin = clock.instant();
    due("a", HOOK, 2);
    claim(process, 2).forEach(it -> process.callbacks.record(it, DELIVERED));
    clock.shift(Duration.ofMinutes(1));
    Instant middle = clock.instant();
    due("a", HOOK, 1);
    process.callbacks.record(claimOne(), new CallbackOutcome.Failed(500, "last", null, null));
    due("b", HOOK, 1);
    process.callbacks.record(claimOne(), new CallbackOutcome.Failed(500, "last", null, null));
    Instant end = clock.instant().plusSeconds(1);
    var undelivered = Set.of(CallbackStatus.EXHAUSTED, CallbackStatus.FAILED);

    assertThat(process.list.replay("a", begin, middle, undelivered)).isZero();
    assertThat(process.list.replay("a", begin, end, undelivered)).isOne();
    assertThat(process.list.replay("a", begin, middle, Set.of(CallbackStatus.DELIVERED)))
        .isEqualTo(2);
    assertThat(process.list.replay(null, begin, end, undelivered)).as("of b").isOne();
    assertThat(all(CallbackStatus.PENDING)).hasSize(4).allMatch(it -> it.tries() == 0);
  }

  @Test
  void givesUpAndDeletes() {
    due("", HOOK, 2);
    process.callbacks.record(claimOne(), failed());
    Instant now = clock.instant().plusSeconds(1);

    assertThat(process.list.giveUp(now.minusSeconds(60))).isZero();
    clock.shift(Duration.ofSeconds(2));
    assertThat(process.list.giveUp(now)).isEqualTo(2);
    assertThat(all(CallbackStatus.EXHAUSTED))
        .extracting(Callback::problem)
        .containsExactlyInAnyOrder("answered 500", "its receiver was paused for too long");

    process.list.delete(now);
    assertThat(all()).hasSize(2);
    process.list.delete(clock.instant().plusSeconds(1));
    assertThat(all()).isEmpty();
    due("", HOOK, 1);
    assertThat(all().getFirst().health()).isNull();
  }

  @Test
  void keepsRequestsApartFromLongAnswers() {
    NewRequest request = request("", "a", HOOK);
    queue(request);
    process.outcomes.end(
        take(""), List.of(new RequestOutcome("a", RequestStatus.COMPLETED, "{\"a\":1234567890}")));

    assertThat(process.requests.find(request.id(), 10).orElseThrow().answer()).isNull();
    assertThat(process.requests.find(request.id(), 20).orElseThrow().answer()).isNotNull();
  }
}

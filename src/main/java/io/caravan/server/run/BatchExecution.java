package io.caravan.server.run;

import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.FailureReason;
import io.caravan.server.store.BatchForm;
import io.caravan.server.wire.Endpoint;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The execution of one batch: sends its unanswered requests to the queues of its backends. */
final class BatchExecution implements RequestSource {
  private final Endpoint endpoint;
  private final int weight;
  private final List<BackendQueue> lanes;
  private final Dispatcher dispatcher;
  private final InputReader requests;
  private final ResultFiles results;

  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private final Rate rate = new Rate(System::nanoTime);
  private final AtomicLong retries = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean exhausted;
  private boolean stopped;
  private int turns;
  private @Nullable Throwable broken;

  BatchExecution(
      BatchForm form,
      int maxPriority,
      @Nullable String model,
      Dispatcher dispatcher,
      InputReader requests,
      ResultFiles results) {
    this.endpoint = form.endpoint();
    this.weight = Priority.of(form.metadata(), maxPriority).weight();
    this.lanes = dispatcher.lanes(endpoint, model);
    this.dispatcher = dispatcher;
    this.requests = requests;
    this.results = results;
  }

  /**
   * Runs the batch and returns when every request has an answer.
   *
   * @param interval how often {@code look} is called in the meantime
   */
  void run(Duration interval, Runnable look) throws IOException, InterruptedException {
    lanes.forEach(lane -> lane.add(this));
    try {
      while (!awaitEnd(interval)) {
        look.run();
      }
    } finally {
      stop();
    }
    switch (broken) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private boolean awaitEnd(Duration interval) throws InterruptedException {
    lock.lock();
    try {
      long left = interval.toNanos();
      while (!ended() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return ended();
    } finally {
      lock.unlock();
    }
  }

  private boolean ended() {
    return broken != null || (exhausted && turns == 0);
  }

  /** Cancels calls in flight, and waits until no more answers are written. */
  private void stop() {
    lanes.forEach(lane -> lane.remove(this));
    lock.lock();
    try {
      stopped = true;
    } finally {
      lock.unlock();
    }
    calls.forEach(Call::cancel); // outside the lock, which ending calls acquire
    lock.lock();
    try {
      while (turns > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int weight() {
    return weight;
  }

  @Override
  public boolean beginNext(Backend backend, Runnable end) {
    Call call = begin();
    if (call == null) {
      return false;
    }
    try {
      List<Request> taken = take(backend);
      if (!taken.isEmpty()) {
        var unused =
            answer(backend, taken, call).whenComplete((kept, problem) -> end(call, problem, end));
        return true;
      }
      exhausted();
    } catch (IOException | RuntimeException | Error e) {
      breakDown(e);
    }
    end(call);
    return false;
  }

  private void end(Call call, @Nullable Throwable problem, Runnable end) {
    if (problem != null && !(FailureReason.cause(problem) instanceof CancellationException)) {
      breakDown(FailureReason.cause(problem));
    }
    // a cancelled call leaves its requests unanswered; BatchRun decides what happens to them
    end(call);
    end.run();
  }

  private List<Request> take(Backend backend) throws IOException {
    int rooms = Math.max(1, backend.concurrency());
    int fair = (requests.left() + rooms - 1) / rooms;
    int most = endpoint == Endpoint.EMBEDDINGS ? Math.min(backend.mostJoined(), fair) : 1;
    List<Request> taken = new ArrayList<>(1);
    Request next = requests.next();
    while (next != null) {
      if (!results.has(next.customId())) {
        taken.add(next);
      }
      next = taken.size() < most ? requests.next() : null;
    }
    return taken;
  }

  private CompletableFuture<@Nullable Void> answer(
      Backend backend, List<Request> taken, Call call) {
    if (taken.size() == 1) {
      Request alone = taken.getFirst();
      return dispatcher
          .run(backend, endpoint, alone.body(), call)
          .thenCompose(answer -> keep(alone, answer));
    }
    return eachAfterTheOther(JoinedEmbeddings.of(taken), joined -> answer(backend, joined, call));
  }

  private CompletableFuture<@Nullable Void> answer(
      Backend backend, JoinedEmbeddings joined, Call call) {
    return dispatcher
        .run(backend, endpoint, joined.body(), call)
        .thenCompose(answer ->
            joined.size() == 1 || joined.alike(answer)
                ? eachAfterTheOther(joined.requests(), request -> keep(request, answer))
                : takeApart(backend, joined, answer, call));
  }

  private CompletableFuture<@Nullable Void> takeApart(
      Backend backend, JoinedEmbeddings joined, BackendAnswer answer, Call call) {
    List<BackendAnswer> parts = joined.split(answer);
    if (parts.isEmpty()) {
      return oneByOne(backend, joined, call);
    }
    Iterator<BackendAnswer> part = parts.iterator();
    return eachAfterTheOther(joined.requests(), request -> keep(request, part.next()));
  }

  /** Sends joined requests one by one, in case one is bad or the server rejects arrays. */
  private CompletableFuture<@Nullable Void> oneByOne(
      Backend backend, JoinedEmbeddings joined, Call call) {
    var bad = new AtomicBoolean();
    return eachAfterTheOther(
            joined.requests(),
            request ->
                dispatcher
                    .run(backend, endpoint, request.body(), call)
                    .thenCompose(part -> {
                      bad.compareAndSet(false, !part.succeeded());
                      return keep(request, part);
                    }))
        .thenAccept(all -> {
          if (!bad.get()) {
            backend.joinNoMore();
          }
        });
  }

  private static <T> CompletableFuture<@Nullable Void> eachAfterTheOther(
      List<T> items, Function<T, CompletableFuture<@Nullable Void>> step) {
    CompletableFuture<@Nullable Void> all = step.apply(items.getFirst());
    for (T item : items.subList(1, items.size())) {
      all = all.thenCompose(before -> step.apply(item));
    }
    return all;
  }

  private CompletableFuture<@Nullable Void> keep(Request request, BackendAnswer answer) {
    return results.append(request.customId(), answer).thenAccept(kept -> rate.count(1));
  }

  private @Nullable Call begin() {
    lock.lock();
    try {
      if (stopped || broken != null) {
        return null;
      }
      turns++;
      var call = new Call(true);
      calls.add(call);
      return call;
    } finally {
      lock.unlock();
    }
  }

  private void end(Call call) {
    retries.addAndGet(call.retries());
    lock.lock();
    try {
      calls.remove(call);
      turns--;
      if (stopped || exhausted) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void exhausted() {
    lock.lock();
    try {
      exhausted = true;
    } finally {
      lock.unlock();
    }
  }

  private void breakDown(Throwable e) {
    lock.lock();
    try {
      broken = broken == null ? e : broken;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The current throughput, and the estimated end with {@code left} unanswered requests. */
  BatchPace pace(int left, Clock clock) {
    double perSecond = rate.perSecond();
    Long end =
        perSecond < 1e-6 ? null : clock.instant().getEpochSecond() + Math.round(left / perSecond);
    return new BatchPace(
        Math.round(perSecond * 100) / 100.0,
        calls.size(),
        lanes.stream().mapToInt(lane -> lane.backend().concurrency()).sum(),
        retries.get() + calls.stream().mapToLong(Call::retries).sum(),
        end);
  }
}

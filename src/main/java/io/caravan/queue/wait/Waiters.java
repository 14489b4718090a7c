package io.caravan.queue.wait;

import io.caravan.queue.RequestStatus;
import io.caravan.queue.store.Ended;
import io.caravan.queue.store.EndedStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The calls that wait for a request, none of which occupies a thread. */
@Component
public class Waiters implements EndedWatch.Listener, SmartLifecycle, DisposableBean {
  private static final Logger LOG = LoggerFactory.getLogger(Waiters.class);
  private static final int THREADS = 4;

  /** The wait is checked by id as well, so that no wait depends on the order of commits. */
  private static final long CHECK = TimeUnit.SECONDS.toNanos(2);

  private static final long CONNECTION_CHECK = TimeUnit.SECONDS.toNanos(5);

  private final EndedWatch watch;
  private final EndedStore store;
  private final ConcurrentMultimap<String, Waiter> waiting = new ConcurrentMultimap<>();
  private final ExecutorService pool =
      Executors.newFixedThreadPool(
          THREADS, Thread.ofPlatform().name("queue-answer-", 0).daemon().factory());
  private volatile boolean stopped;
  private long checkedAt = System.nanoTime();
  private long connectionsCheckedAt = System.nanoTime();

  private record Waiter(
      @Nullable RequestStatus known, BooleanSupplier connected, CompletableFuture<Waited> outcome) {
    boolean isOver(@Nullable RequestStatus now) {
      return now == null || now.terminal() || (known != null && now != known);
    }
  }

  Waiters(EndedWatch watch, EndedStore store) {
    this.watch = watch;
    this.store = store;
    watch.add(this);
  }

  /**
   * Waits for a request.
   *
   * @param known the status that the request is to leave; null to wait until it has ended
   * @param connected whether the client still waits; asked from time to time
   * @param next is called once, by one of a few threads
   */
  public void await(
      String id,
      @Nullable RequestStatus known,
      Duration atMost,
      BooleanSupplier connected,
      Consumer<Waited> next) {
    var waiter = new Waiter(known, connected, new CompletableFuture<>());
    var outcome = waiter.outcome();
    waiting.put(id, waiter);
    try {
      // it may have ended before the wait began
      if (waiter.isOver(store.statuses(List.of(id)).get(id))) {
        outcome.complete(Waited.CHANGED);
      }
    } catch (RuntimeException e) {
      waiting.remove(id, waiter);
      throw e;
    }
    CompletableFuture<Void> answered =
        outcome.thenAcceptAsync(
            waited -> {
              waiting.remove(id, waiter);
              next.accept(waited);
            },
            pool);
    answered.exceptionally(failure -> report(id, failure));
    outcome.completeOnTimeout(Waited.TIMED_OUT, atMost.toMillis(), TimeUnit.MILLISECONDS);
    if (stopped) {
      outcome.complete(Waited.STOPPED);
    }
    watch.start();
  }

  private static @Nullable Void report(String id, Throwable failure) {
    LOG.error("A call that waited for request {} was not answered", id, failure);
    return null;
  }

  @Override
  public boolean isIdle() {
    return waiting.isEmpty();
  }

  @Override
  public void ended(List<Ended> fresh) {
    for (Ended each : fresh) {
      waiting.get(each.id()).forEach(waiter -> waiter.outcome().complete(Waited.CHANGED));
    }
  }

  @Override
  public void turn() {
    long now = System.nanoTime();
    if (now - checkedAt > CHECK) {
      checkRows();
      checkedAt = System.nanoTime();
    }
    if (now - connectionsCheckedAt > CONNECTION_CHECK) {
      waiting.forEach(Waiters::checkConnection);
      connectionsCheckedAt = System.nanoTime();
    }
  }

  private void checkRows() {
    Set<String> ids = waiting.keys();
    Map<String, RequestStatus> statuses = store.statuses(ids);
    for (String id : ids) {
      waiting.get(id).stream()
          .filter(waiter -> waiter.isOver(statuses.get(id)))
          .forEach(waiter -> waiter.outcome().complete(Waited.CHANGED));
    }
  }

  private static void checkConnection(Waiter waiter) {
    if (!waiter.outcome().isDone() && !waiter.connected().getAsBoolean()) {
      waiter.outcome().complete(Waited.GONE);
    }
  }

  @Override
  public void start() {
    stopped = false;
  }

  /** Ends all waits before the web server waits for its calls. */
  @Override
  public void stop() {
    stopped = true;
    waiting.forEach(waiter -> waiter.outcome().complete(Waited.STOPPED));
  }

  @Override
  public boolean isRunning() {
    return !stopped;
  }

  @Override
  public void destroy() {
    pool.shutdownNow();
  }
}

package io.caravan.queue.store;

import io.caravan.queue.QueueProblem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;

/**
 * Adds requests that arrive at the same time in one transaction: a commit waits for the disk, and
 * so serves many calls.
 */
public final class Additions implements InitializingBean, DisposableBean {
  private static final int WAITING = 10_000;
  private static final int TOGETHER = 500;
  private static final long BYTES_TOGETHER = 8 << 20;
  private static final Duration OUTAGE = Duration.ofMinutes(1);

  private static final Logger LOG = LoggerFactory.getLogger(Additions.class);

  private final RequestStore store;
  private final BlockingQueue<Pending> arrived = new ArrayBlockingQueue<>(WAITING);
  private final Thread writer;
  private volatile boolean stopped;

  /** The last outage that was logged; used by the writer only. */
  private String told = "";

  private long toldAt;

  private record Pending(Addition addition, CompletableFuture<Added> outcome) {}

  public Additions(RequestStore store) {
    this.store = store;
    this.writer = Thread.ofPlatform().name("queue-add").daemon().unstarted(this::write);
  }

  @Override
  public void afterPropertiesSet() {
    writer.start();
  }

  /** Adds a request; completes when it is stored, or with a {@link QueueProblem}. */
  public CompletableFuture<Added> add(Addition addition) {
    var pending = new Pending(addition, new CompletableFuture<>());
    if (stopped || !arrived.offer(pending)) {
      pending.outcome.completeExceptionally(
          QueueProblem.notStored(new IllegalStateException("too many calls at once")));
    }
    return pending.outcome;
  }

  private void write() {
    while (!stopped || !arrived.isEmpty()) {
      try {
        Pending first = arrived.poll(1, TimeUnit.SECONDS);
        if (first != null) {
          store(more(first));
        }
      } catch (InterruptedException e) {
        stopped = true;
      }
    }
  }

  private List<Pending> more(Pending first) {
    var together = new ArrayList<>(List.of(first));
    long bytes = first.addition.request().bytes();
    Pending next = arrived.poll();
    while (next != null) {
      together.add(next);
      bytes += next.addition.request().bytes();
      next = together.size() < TOGETHER && bytes < BYTES_TOGETHER ? arrived.poll() : null;
    }
    return together;
  }

  private void store(List<Pending> together) {
    try {
      List<Added> outcomes = store.add(together.stream().map(Pending::addition).toList());
      for (int i = 0; i < outcomes.size(); i++) {
        together.get(i).outcome.complete(outcomes.get(i));
      }
    } catch (RuntimeException e) {
      if (together.size() > 1 && isAboutOne(e)) {
        together.forEach(each -> store(List.of(each)));
      } else {
        tell(together.size(), String.valueOf(e.getMessage()));
        together.forEach(each -> each.outcome.completeExceptionally(QueueProblem.notStored(e)));
      }
    }
  }

  /** Logs an outage once a minute, however often clients and sources repeat their requests. */
  private void tell(int requests, String reason) {
    long now = System.nanoTime();
    if (!reason.equals(told) || now - toldAt > OUTAGE.toNanos()) {
      LOG.warn("{} queued requests could not be stored: {}", requests, reason);
      told = reason;
      toldAt = now;
    }
  }

  /** Whether one of several requests may be the reason, and not the database. */
  private static boolean isAboutOne(RuntimeException e) {
    return e instanceof NonTransientDataAccessException
        && !(e instanceof NonTransientDataAccessResourceException);
  }

  @Override
  public void destroy() throws InterruptedException {
    stopped = true;
    writer.join(TimeUnit.SECONDS.toMillis(5));
    for (Pending late = arrived.poll(); late != null; late = arrived.poll()) {
      late.outcome.completeExceptionally(
          QueueProblem.notStored(new IllegalStateException("Caravan is stopping")));
    }
  }
}

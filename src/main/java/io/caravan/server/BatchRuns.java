package io.caravan.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Keeps every unfinished batch running while the server runs, a bounded number side by side. */
final class BatchRuns implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(BatchRuns.class);
  private static final Duration EXPIRY_CHECK = Duration.ofMillis(250);
  private static final Duration STOP_WAIT = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LAST_PAUSE = Duration.ofMinutes(5);

  private final BatchStore batches;
  private final Publication publication;
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final Clock clock;
  private final Semaphore slots;
  private final Map<String, Active> active = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("caravan-batch-expiry").factory());
  private volatile boolean running;

  BatchRuns(
      BatchStore batches,
      Publication publication,
      Dispatcher dispatcher,
      ServerSettings settings,
      Clock clock) {
    this.batches = batches;
    this.publication = publication;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.clock = clock;
    this.slots = new Semaphore(settings.maxConcurrentBatches(), true);
  }

  /** Starts a batch; while the server stops, it waits for the next start. */
  void start(Batch batch) {
    if (running) {
      var run = new BatchRun(batch.id(), batches, publication, dispatcher, settings, clock);
      Thread thread = Thread.ofVirtual().name(batch.id()).unstarted(() -> drive(batch.id(), run));
      if (active.putIfAbsent(batch.id(), new Active(run, thread)) == null) {
        thread.start();
      }
    }
  }

  void cancel(String id) {
    Active found = active.get(id);
    if (found != null) {
      found.stop(Stop.CANCEL);
    }
  }

  /** The batch with the counts of this moment. */
  Batch view(Batch batch) {
    Active found = active.get(batch.id());
    return found == null ? batch : found.run.view(batch);
  }

  @Override
  public void start() {
    running = true;
    batches.all().reversed().stream()
        .filter(Predicate.not(batch -> batch.status().terminal()))
        .forEach(this::start);
    var unused =
        ticker.scheduleWithFixedDelay(
            this::expire, 0, EXPIRY_CHECK.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void stop() {
    running = false;
    ticker.shutdownNow();
    active.values().forEach(found -> found.stop(Stop.PAUSE));
    long deadline = System.nanoTime() + STOP_WAIT.toNanos();
    try {
      for (Active found : active.values()) {
        found.thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void expire() {
    active.values().stream().filter(found -> found.run.due()).forEach(f -> f.stop(Stop.EXPIRE));
  }

  private void drive(String id, BatchRun run) {
    boolean slot = takeSlot();
    try {
      Duration pause = FIRST_PAUSE;
      while (!run.paused() && !proceed(id, run, pause)) {
        rest(pause);
        pause =
            pause.multipliedBy(2).compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
      }
    } finally {
      active.remove(id);
      slots.release(slot ? 1 : 0);
    }
  }

  private boolean takeSlot() {
    try {
      slots.acquire();
      return true;
    } catch (InterruptedException e) {
      // cancelled or paused while it waited: what is left to do needs no slot
      return false;
    }
  }

  private static boolean proceed(String id, BatchRun run, Duration pause) {
    try {
      run.proceed();
      return true;
    } catch (IOException | UncheckedIOException e) {
      log.warn("batch={} waits {} and tries again: {}", id, pause, e.toString());
    } catch (RuntimeException e) {
      log.error("batch={} waits {} and tries again", id, pause, e);
    }
    return false;
  }

  private static void rest(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      // stopped: the loop looks at the reason
      return;
    }
  }

  private record Active(BatchRun run, Thread thread) {
    void stop(Stop reason) {
      if (run.stop(reason)) {
        thread.interrupt();
      }
    }
  }
}

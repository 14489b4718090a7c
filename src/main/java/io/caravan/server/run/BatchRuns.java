package io.caravan.server.run;

import io.caravan.lease.StaleRowException;
import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Lease;
import io.caravan.server.store.OtherProviders;
import io.caravan.server.store.Permits;
import io.caravan.server.store.Stop;
import io.caravan.server.store.StopSignal;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;

/** The scheduler of unfinished batches; runs a bounded number of them concurrently. */
public final class BatchRuns implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(BatchRuns.class);
  private static final Duration EXPIRY_CHECK = Duration.ofMillis(250);
  private static final Duration STOP_WAIT = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LAST_PAUSE = Duration.ofMinutes(5);

  private final Batches batches;
  private final Publication publication;
  private final Dispatcher dispatcher;
  private final ServerSettings settings;
  private final DiskQuota quota;
  private final Permits permits;
  private final OtherProviders others;
  private final Clock clock;
  private final Semaphore slots;
  private final Map<String, Active> active = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newScheduledThreadPool(
          2, Thread.ofPlatform().daemon().name("caravan-batches-", 0).factory());
  private volatile boolean running;

  public BatchRuns(
      Batches batches,
      Publication publication,
      Dispatcher dispatcher,
      ServerSettings settings,
      DiskQuota quota,
      Permits permits,
      OtherProviders others,
      Clock clock) {
    this.batches = batches;
    this.publication = publication;
    this.dispatcher = dispatcher;
    this.settings = settings;
    this.quota = quota;
    this.permits = permits;
    this.others = others;
    this.clock = clock;
    this.slots = new Semaphore(settings.maxConcurrentBatches(), true);
  }

  /**
   * Starts a batch; while the server is stopping, releases its lease for the next start or another
   * replica.
   */
  public void start(Lease lease) {
    var signal = new StopSignal();
    var run =
        new BatchRun(
            lease, signal, publication, dispatcher, settings, quota, permits, others, clock);
    Thread thread = Thread.ofVirtual().name(lease.id()).unstarted(() -> drive(lease, signal, run));
    Instant expiry = lease.batch().order().expiresAt();
    boolean ours =
        running
            && active.putIfAbsent(lease.id(), new Active(lease, expiry, signal, run, thread))
                == null;
    if (ours) {
      thread.start();
    } else {
      lease.release();
    }
  }

  public void cancel(String id) {
    stop(id, Stop.CANCEL);
  }

  private void stop(String id, Stop reason) {
    Active found = active.get(id);
    if (found != null) {
      found.signal.stop(reason);
    }
  }

  /** Whether this server runs the batch. */
  public boolean runs(String id) {
    return active.containsKey(id);
  }

  /** The batch with its current counts. */
  public StoredBatch view(StoredBatch batch) {
    Active found = active.get(batch.id());
    return found == null ? batch : found.run.view(batch);
  }

  /** The current throughput; null when the batch does not run here. */
  public @Nullable BatchPace pace(StoredBatch batch) {
    Active found = active.get(batch.id());
    return found == null ? null : found.run.pace();
  }

  @Override
  public void start() {
    running = true;
    every(EXPIRY_CHECK, this::expire);
    every(batches.rhythm(), this::look);
  }

  private void every(Duration period, Runnable turn) {
    var guarded = new Turn(turn);
    var unused =
        ticker.scheduleWithFixedDelay(guarded, 0, period.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void stop() {
    running = false;
    ticker.shutdownNow();
    active.values().forEach(found -> found.signal.stop(Stop.PAUSE));
    long deadline = System.nanoTime() + STOP_WAIT.toNanos();
    try {
      for (Active found : active.values()) {
        found.thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    active.values().forEach(found -> release(found.lease));
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private void expire() {
    active.values().stream()
        .filter(found -> found.due(clock.instant()))
        .forEach(found -> found.signal.stop(Stop.EXPIRE));
  }

  /** Stops lost and cancelled batches, claims abandoned ones, and reports progress. */
  private void look() {
    var news = batches.look(active.values().stream().map(Active::lease).toList());
    news.lost().forEach(id -> stop(id, Stop.PAUSE));
    news.cancelled().forEach(id -> stop(id, Stop.CANCEL));
    batches.claim(slots.availablePermits()).forEach(this::start);
    active.values().forEach(found -> found.run.report());
  }

  private void drive(Lease lease, StopSignal signal, BatchRun run) {
    boolean slot = takeSlot(lease, signal);
    try {
      Duration pause = FIRST_PAUSE;
      while (signal.reason() != Stop.PAUSE && !proceed(lease.id(), run, pause)) {
        rest(signal, pause);
        pause =
            pause.multipliedBy(2).compareTo(LAST_PAUSE) < 0 ? pause.multipliedBy(2) : LAST_PAUSE;
      }
    } finally {
      active.remove(lease.id());
      slots.release(slot ? 1 : 0);
      release(lease);
    }
  }

  /** Acquires a slot; batches at other providers need none. */
  private boolean takeSlot(Lease lease, StopSignal signal) {
    if (!lease.batch().order().form().local()) {
      return false;
    }
    try {
      return signal.during(() -> {
        slots.acquire();
        return true;
      });
    } catch (InterruptedException | IOException e) {
      // cancelled or paused while waiting: the remaining steps need no slot
      return false;
    }
  }

  private static boolean proceed(String id, BatchRun run, Duration pause) {
    try {
      run.proceed();
      return true;
    } catch (StaleRowException e) {
      log.info("{}", e.getMessage());
      return true;
    } catch (IOException | UncheckedIOException | DataAccessException e) {
      log.warn("batch={} hit an error, retrying in {}: {}", id, pause, e.toString());
    } catch (RuntimeException e) {
      log.error("batch={} hit an error, retrying in {}", id, pause, e);
    }
    return false;
  }

  private static void rest(StopSignal signal, Duration pause) {
    try {
      signal.during(() -> {
        Thread.sleep(pause);
        return true;
      });
    } catch (InterruptedException | IOException e) {
      // stopped: the loop checks the reason
      return;
    }
  }

  private static void release(Lease lease) {
    try {
      lease.release();
    } catch (DataAccessException e) {
      log.debug("batch={} could not be released; its lease will expire", lease.id(), e);
    }
  }

  /** A periodic task that survives exceptions; logs only the first of consecutive failures. */
  private final class Turn implements Runnable {
    private final Runnable turn;
    private boolean failing;

    Turn(Runnable turn) {
      this.turn = turn;
    }

    @Override
    public void run() {
      try {
        turn.run();
        failing = false;
      } catch (RuntimeException e) {
        if (running && !failing) {
          log.warn(
              "Checking the batches of the embedded server failed, retrying: {}", e.toString());
        }
        failing = true;
      }
    }
  }

  private record Active(
      Lease lease, Instant expiresAt, StopSignal signal, BatchRun run, Thread thread) {
    boolean due(Instant now) {
      return signal.reason() == null
          && lease.batch().order().form().local() // other providers apply their own window
          && !now.isBefore(expiresAt)
          && lease.batch().status() == StoredBatchStatus.IN_PROGRESS;
    }
  }
}

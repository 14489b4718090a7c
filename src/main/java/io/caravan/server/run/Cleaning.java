package io.caravan.server.run;

import io.caravan.server.settings.ServerSettings;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Uploads;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** The periodic deletion of expired files, uploads and batches. */
public final class Cleaning implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(Cleaning.class);

  private final StoredFiles files;
  private final Uploads uploads;
  private final Batches batches;
  private final DiskQuota quota;
  private final Duration batchRetention;
  private final Duration interval;
  private final Clock clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("caravan-cleaning").factory());
  private volatile boolean running;

  public Cleaning(
      StoredFiles files,
      Uploads uploads,
      Batches batches,
      DiskQuota quota,
      ServerSettings settings,
      Clock clock) {
    this.files = files;
    this.uploads = uploads;
    this.batches = batches;
    this.quota = quota;
    this.batchRetention = settings.batchRetention();
    this.interval = settings.cleaningInterval();
    this.clock = clock;
  }

  void clean() throws IOException {
    files.forgetExpired();
    uploads.forgetExpired();
    batches.forgetEndedBefore(clock.instant().minus(batchRetention));
    quota.measure();
  }

  @Override
  public void start() {
    running = true;
    long millis = interval.toMillis();
    var unused =
        timer.scheduleWithFixedDelay(this::tryToClean, millis, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void stop() {
    running = false;
    timer.shutdownNow();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** Catches exceptions, since the first one would end the timer. */
  private void tryToClean() {
    try {
      clean();
    } catch (IOException | RuntimeException e) {
      log.warn("Deleting expired data failed, retrying later: {}", e.toString());
    }
  }
}

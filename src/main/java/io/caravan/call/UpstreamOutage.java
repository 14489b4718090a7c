package io.caravan.call;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tracks whether an upstream is unavailable: it asked for a pause, loads its model or is down. */
final class UpstreamOutage {
  private static final Logger log = LoggerFactory.getLogger(UpstreamOutage.class);

  /** Outages shorter than this are not logged; metrics still show them. */
  private static final long A_MOMENT = Duration.ofSeconds(1).toNanos();

  private final CallTarget target;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean away;
  private boolean told;
  private long since;
  private volatile long pauseUntil;

  UpstreamOutage(CallTarget target, Duration patience, LongSupplier nanoTime) {
    this.target = target;
    this.patience = patience;
    this.nanoTime = nanoTime;
    this.pauseUntil = nanoTime.getAsLong();
  }

  /** Records that the upstream is unavailable; returns whether to keep waiting for it. */
  boolean goesOn(String reason) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      if (!away) {
        away = true;
        told = false;
        since = now;
      } else if (!told && now - since >= A_MOMENT) {
        told = true;
        log.warn(
            "upstream={} at {} {}. Batches wait for up to {}.",
            target.name(),
            target.host(),
            reason,
            patience);
      }
      return now - since < patience.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** Records that the upstream answers. */
  void over() {
    if (!away) {
      return;
    }
    lock.lock();
    try {
      if (away && told) {
        long seconds = Duration.ofNanos(nanoTime.getAsLong() - since).toSeconds();
        log.info("upstream={} is answering again after {} s", target.name(), seconds);
      }
      away = false;
    } finally {
      lock.unlock();
    }
  }

  /** Pauses sending for as long as the upstream asked. */
  void pause(Optional<Duration> asked) {
    asked.ifPresent(wait -> pauseUntil = nanoTime.getAsLong() + wait.toNanos());
  }

  boolean pausing() {
    return nanoTime.getAsLong() - pauseUntil < 0;
  }
}

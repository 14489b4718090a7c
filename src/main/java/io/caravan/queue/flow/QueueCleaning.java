package io.caravan.queue.flow;

import io.caravan.queue.CallbackStatus;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.callback.CallbackSchedule;
import io.caravan.queue.store.CallbackList;
import io.caravan.queue.store.RequestStore;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Deletes answers, idempotency keys and callbacks that have been kept long enough. */
@Component("queueCleaning")
public class QueueCleaning {
  private static final Logger LOG = LoggerFactory.getLogger(QueueCleaning.class);
  private static final int ROWS = 1000;

  private final RequestStore store;
  private final CallbackList callbacks;
  private final CallbackMetrics metrics;
  private final QueueSettings settings;
  private final Clock clock;

  QueueCleaning(
      RequestStore store,
      CallbackList callbacks,
      CallbackMetrics metrics,
      QueueSettings settings,
      Clock clock) {
    this.store = store;
    this.callbacks = callbacks;
    this.metrics = metrics;
    this.settings = settings;
    this.clock = clock;
  }

  /** Deletes what has expired. */
  public void deleteExpired() {
    Instant now = clock.instant();
    int deleted;
    do {
      deleted = store.deleteEnded(now.minus(settings.retention()), ROWS);
    } while (deleted == ROWS);
    store.deleteKeys(now.minus(settings.keyRetention()));
    int given = callbacks.giveUp(now.minus(CallbackSchedule.LONGEST));
    if (given > 0) {
      metrics.count(CallbackStatus.EXHAUSTED, given);
      LOG.warn(
          "{} callbacks were given up: their receivers failed for {} days",
          given,
          CallbackSchedule.LONGEST.toDays());
    }
    callbacks.delete(now.minus(settings.retention()));
  }
}

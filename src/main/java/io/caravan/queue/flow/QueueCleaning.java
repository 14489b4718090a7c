package io.caravan.queue.flow;

import io.caravan.queue.QueueSettings;
import io.caravan.queue.store.RequestStore;
import java.time.Clock;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Deletes answers and idempotency keys that have been kept long enough. */
@Component("queueCleaning")
public class QueueCleaning {
  private static final int ROWS = 1000;

  private final RequestStore store;
  private final QueueSettings settings;
  private final Clock clock;

  QueueCleaning(RequestStore store, QueueSettings settings, Clock clock) {
    this.store = store;
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
  }
}

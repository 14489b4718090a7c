package io.caravan.queue.flow;

import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueueSettings;
import io.caravan.queue.store.RequestStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * How many requests may be queued, in all and for each client. The counts are read once a second
 * and advanced in between, so several replicas may pass the limit by what arrives in a second.
 */
@Component
class QueueRoom {
  private static final Duration FRESH = Duration.ofSeconds(1);
  private static final int WAIT = 30;

  private final RequestStore store;
  private final QueueSettings settings;
  private final Clock clock;
  private Map<String, Long> queued = new HashMap<>();
  private Instant readAt = Instant.MIN;

  QueueRoom(RequestStore store, QueueSettings settings, Clock clock) {
    this.store = store;
    this.settings = settings;
    this.clock = clock;
  }

  /** Fails unless that many more requests of a client may be queued. */
  synchronized void require(String client, long more) {
    Instant now = clock.instant();
    if (readAt.plus(FRESH).isBefore(now)) {
      try {
        queued = store.queued();
      } catch (DataAccessException | TransactionException e) {
        throw QueueProblem.notStored(e);
      }
      readAt = now;
    }
    long all = queued.values().stream().mapToLong(Long::longValue).sum();
    long own = queued.getOrDefault(client, 0L);
    if (all + more > settings.maxRequests()) {
      throw full("%d requests are queued, the maximum".formatted(all), "max-requests");
    }
    if (own + more > settings.maxRequestsPerClient()) {
      throw full(
          "%d requests of this client are queued, its maximum".formatted(own),
          "max-requests-per-client");
    }
    queued.merge(client, more, Long::sum);
  }

  private static QueueProblem full(String what, String setting) {
    return QueueProblem.later(
        429,
        "queue_full",
        "%s (caravan.queue.%s). Send the request again later.".formatted(what, setting),
        WAIT);
  }
}

package io.caravan.server.run;

import io.caravan.server.backend.Backend;
import io.caravan.server.settings.BatchShare;
import io.caravan.server.wire.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The queues of all backends. */
public final class BackendQueues implements AutoCloseable {
  /** How often queues check for the end of a pause and the start of quiet hours. */
  private static final long LOOK_MILLIS = 100;

  private final Router router;
  private final BatchShare share;
  private final Map<Backend, BackendQueue> lanes = new ConcurrentHashMap<>();
  private final ScheduledExecutorService ticker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("caravan-lanes").factory());

  public BackendQueues(Router router, BatchShare share) {
    this.router = router;
    this.share = share;
    var unused =
        ticker.scheduleWithFixedDelay(
            () -> lanes.values().forEach(BackendQueue::wake),
            LOOK_MILLIS,
            LOOK_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /** The queues of the backends that may answer. */
  List<BackendQueue> of(Endpoint endpoint, String model) {
    return router.backendsFor(endpoint, model).stream()
        .map(backend ->
            backend instanceof NoBackend
                ? new BackendQueue(backend, share)
                : lanes.computeIfAbsent(backend, known -> new BackendQueue(known, share)))
        .toList();
  }

  @Override
  public void close() {
    ticker.shutdownNow();
  }
}

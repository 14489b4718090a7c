package io.caravan.server.store;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the status transitions of batches. */
public final class Transitions {
  private static final Logger log = LoggerFactory.getLogger(Transitions.class);

  private Transitions() {}

  public static void created(StoredBatch batch) {
    log.debug(
        "batch={} endpoint={} -> validating", batch.id(), batch.order().form().endpoint().path());
  }

  public static void log(StoredBatch before, StoredBatch after) {
    if (before.status() != after.status()) {
      StoredBatchCounts counts = after.progress().counts();
      log.debug(
          "batch={} {} -> {} total={} completed={} failed={}",
          after.id(),
          before.status().wireName(),
          after.status().wireName(),
          counts.total(),
          counts.completed(),
          counts.failed());
    }
  }
}

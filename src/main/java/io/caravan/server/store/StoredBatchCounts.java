package io.caravan.server.store;

/** The request counts of a batch. */
public record StoredBatchCounts(int total, int completed, int failed) {
  static final StoredBatchCounts NONE = new StoredBatchCounts(0, 0, 0);
}

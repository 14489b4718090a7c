package io.caravan.server.store;

/** How many requests a batch has, and how many of them ended how. */
public record StoredBatchCounts(int total, int completed, int failed) {
  static final StoredBatchCounts NONE = new StoredBatchCounts(0, 0, 0);
}

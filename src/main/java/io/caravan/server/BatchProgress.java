package io.caravan.server;

import org.jspecify.annotations.Nullable;

/** How far a batch is. */
record BatchProgress(@Nullable String model, StoredBatchCounts counts, BatchUsage usage) {
  static final BatchProgress NONE =
      new BatchProgress(null, StoredBatchCounts.NONE, BatchUsage.NONE);

  static BatchProgress start(@Nullable String model, int total) {
    return new BatchProgress(model, new StoredBatchCounts(total, 0, 0), BatchUsage.NONE);
  }
}

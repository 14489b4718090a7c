package io.caravan.server.store;

import io.caravan.server.wire.BatchUsage;
import org.jspecify.annotations.Nullable;

/** The progress of a batch: its model, request counts and token usage. */
public record BatchProgress(@Nullable String model, StoredBatchCounts counts, BatchUsage usage) {
  public static final BatchProgress NONE =
      new BatchProgress(null, StoredBatchCounts.NONE, BatchUsage.NONE);

  public static BatchProgress start(@Nullable String model, int total) {
    return new BatchProgress(model, new StoredBatchCounts(total, 0, 0), BatchUsage.NONE);
  }
}

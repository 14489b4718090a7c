package io.caravan.server;

import org.jspecify.annotations.Nullable;

/** How far a batch is. */
record Progress(@Nullable String model, RequestCounts counts, Usage usage) {
  static final Progress NONE = new Progress(null, RequestCounts.NONE, Usage.NONE);

  static Progress start(@Nullable String model, int total) {
    return new Progress(model, new RequestCounts(total, 0, 0), Usage.NONE);
  }
}

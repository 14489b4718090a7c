package io.caravan.jsonl.settle;

import io.caravan.jsonl.Reason;
import org.jspecify.annotations.Nullable;

/** The lines of a part that the provider explicitly refused; they are not retried. */
@FunctionalInterface
public interface RefusedLines {
  /**
   * The provider's reason, or null if it did not refuse the line.
   *
   * @param line number in the part, starting at 1
   */
  @Nullable Reason of(long line);
}

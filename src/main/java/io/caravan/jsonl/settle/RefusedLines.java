package io.caravan.jsonl.settle;

import io.caravan.jsonl.Reason;
import org.jspecify.annotations.Nullable;

/** Says which lines of a part the provider refused by name; they are not sent again. */
@FunctionalInterface
public interface RefusedLines {
  /**
   * The provider's reason, or null when it did not name the line.
   *
   * @param line its number in the part, the first is 1
   */
  @Nullable Reason of(long line);
}

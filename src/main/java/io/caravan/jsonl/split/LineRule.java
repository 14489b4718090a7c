package io.caravan.jsonl.split;

import io.caravan.jsonl.LineProblem;
import org.jspecify.annotations.Nullable;

/** What a provider asks of a line beyond what all of them do. */
@FunctionalInterface
public interface LineRule {
  /** Nothing. */
  LineRule NONE = (buffer, start, length) -> null;

  /** What is wrong with the line in this range of a buffer; null when nothing is. */
  @Nullable LineProblem problem(byte[] buffer, int start, int length);
}

package io.caravan.jsonl.split;

import io.caravan.jsonl.LineProblem;
import org.jspecify.annotations.Nullable;

/** A validation rule of one provider, in addition to the common rules. */
@FunctionalInterface
public interface LineRule {
  /** No additional rule. */
  LineRule NONE = (buffer, start, length) -> null;

  /** The problem of the line in this range of a buffer; null if there is none. */
  @Nullable LineProblem problem(byte[] buffer, int start, int length);
}

package io.caravan.jsonl;

import org.jspecify.annotations.Nullable;

/**
 * A reason to refuse a line.
 *
 * @param code OpenAI's error code, such as {@code duplicate_custom_id}
 * @param message what is wrong and what to do, without file name and line number
 * @param param the affected member, such as {@code body.model}
 */
public record LineProblem(String code, String message, @Nullable String param) {
  /** The problem of a line or row that exceeds the maximum size. */
  public static LineProblem tooLong(String unit, long bytes, int most) {
    return new LineProblem(
        "line_too_long",
        "the %s has %s bytes, more than the maximum of %s. Shorten it."
            .formatted(unit, Quote.number(bytes), Quote.number(most)),
        null);
  }
}

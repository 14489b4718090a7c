package io.caravan.jsonl;

import org.jspecify.annotations.Nullable;

/**
 * A reason to refuse a line.
 *
 * @param code OpenAI's error code, such as {@code duplicate_custom_id}
 * @param message what is wrong and what to do, without file name and line number
 * @param param the affected member, such as {@code body.model}
 */
public record LineProblem(String code, String message, @Nullable String param) {}

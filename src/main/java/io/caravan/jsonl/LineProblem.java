package io.caravan.jsonl;

import org.jspecify.annotations.Nullable;

/**
 * One reason why a line is refused.
 *
 * @param code OpenAI's word for it, such as {@code duplicate_custom_id}
 * @param message what is wrong and what to do, without file name and line number
 * @param param the member it is about, such as {@code body.model}
 */
public record LineProblem(String code, String message, @Nullable String param) {}

package io.caravan.job;

import org.jspecify.annotations.Nullable;

/**
 * An error with which a provider failed a whole batch; the line number in the part's file starts at
 * 1, if there is one.
 */
public record BatchError(
    @Nullable String code, String message, @Nullable String param, @Nullable Long line) {}

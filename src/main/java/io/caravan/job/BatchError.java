package io.caravan.job;

import org.jspecify.annotations.Nullable;

/**
 * A reason why a provider failed a whole batch; the line counts from 1 in the part's file, or is
 * absent.
 */
public record BatchError(
    @Nullable String code, String message, @Nullable String param, @Nullable Long line) {}

package io.caravan.queue.store;

import org.jspecify.annotations.Nullable;

/**
 * Which ended requests are wanted.
 *
 * @param client whose requests; null for those of all clients
 * @param jobType only those; null for all
 * @param request only this one; null for all
 */
public record EndedFilter(
    @Nullable String client, @Nullable String jobType, @Nullable String request) {}

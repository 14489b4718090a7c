package io.caravan.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A valid request that is to be queued.
 *
 * @param customId unique among the client's requests
 * @param jobType the client's label; empty for none
 * @param priority from 1 to 10, the highest
 * @param body the request's JSON
 * @param bytes of its line in a job
 * @param tokens estimated prompt tokens
 * @param metadata the client's JSON; null for none
 */
public record NewRequest(
    String id,
    RequestGroup group,
    String customId,
    String jobType,
    int priority,
    String body,
    long bytes,
    long tokens,
    @Nullable String metadata,
    @Nullable String callbackUrl,
    @Nullable Instant deadline) {}

package io.caravan.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A job made of queued requests.
 *
 * @param id of the job
 * @param owner the replica that works on it
 */
public record QueueJob(
    String id,
    RequestGroup group,
    String pipeline,
    long requests,
    Instant createdAt,
    int tries,
    @Nullable String owner) {}

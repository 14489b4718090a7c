package io.caravan.queue;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A queued request as stored, without its body.
 *
 * @param jobId the job that it belongs to; null while it is queued
 * @param answer its line in the job's results or errors; null until it has one
 */
public record QueuedRequest(
    String id,
    RequestGroup group,
    String customId,
    String jobType,
    int priority,
    RequestStatus status,
    @Nullable String jobId,
    @Nullable String metadata,
    @Nullable String callbackUrl,
    @Nullable Instant deadline,
    Instant acceptedAt,
    @Nullable Instant endedAt,
    @Nullable String answer) {}

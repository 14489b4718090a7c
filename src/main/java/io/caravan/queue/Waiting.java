package io.caravan.queue;

/**
 * The queued requests of a group with one job type and priority.
 *
 * @param bytes of their lines
 * @param tokens estimated prompt tokens
 */
public record Waiting(
    RequestGroup group, String jobType, int priority, long requests, long bytes, long tokens) {}

package io.caravan.job;

import java.time.Instant;

/**
 * The known state of a batch in flight, to compare with its provider's list.
 *
 * @param id id of its part
 * @param polls how often its status was polled
 * @param dueAt when the next poll is due
 */
public record WaitingBatch(
    String id,
    String provider,
    String batchId,
    BatchStatus batchStatus,
    int polls,
    Instant dueAt,
    long version) {}

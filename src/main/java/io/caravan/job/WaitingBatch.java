package io.caravan.job;

import java.time.Instant;

/**
 * What there is to know about a batch in flight in order to tell whether its provider still says
 * the same.
 *
 * @param id of its part
 * @param polls how often its status was asked
 * @param dueAt when it is to be asked again
 */
public record WaitingBatch(
    String id,
    String provider,
    String batchId,
    BatchStatus batchStatus,
    int polls,
    Instant dueAt,
    long version) {}

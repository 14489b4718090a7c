package io.caravan.queue.store;

import io.caravan.queue.RequestStatus;

/**
 * The end of a request.
 *
 * @param line of the results or errors, JSON
 */
public record RequestOutcome(String customId, RequestStatus status, String line) {}

package io.caravan.queue;

/**
 * The {@code Idempotency-Key} of a call.
 *
 * @param name as sent by the client
 * @param hash of the payload, to detect another call with the same key
 */
public record IdempotencyKey(String client, String name, String hash) {}

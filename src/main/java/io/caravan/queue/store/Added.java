package io.caravan.queue.store;

/** The outcome of an addition. */
public sealed interface Added {
  /** The request is queued. */
  record Queued() implements Added {}

  /** The same call was made before, with this answer. */
  record Repeated(String answer) implements Added {}

  /** Another call used the idempotency key. */
  record KeyInUse() implements Added {}

  /** Another request of the client has the custom_id. */
  record CustomIdInUse(String id) implements Added {}
}

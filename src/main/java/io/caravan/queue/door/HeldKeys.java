package io.caravan.queue.door;

import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.QueueProblem;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/** The idempotency keys of calls that are held here. */
@Component("doorHeldKeys")
class HeldKeys {
  private final Map<Key, BooleanSupplier> held = new ConcurrentHashMap<>();

  private record Key(String client, String name) {
    static Key of(IdempotencyKey key) {
      return new Key(key.client(), key.name());
    }
  }

  /** Holds the key for a call; fails if another call that is still connected holds it. */
  void hold(IdempotencyKey key, BooleanSupplier connected) {
    held.compute(
        Key.of(key),
        (name, other) -> {
          if (other != null && other.getAsBoolean()) {
            throw QueueProblem.later(
                409,
                "request_outstanding",
                "A call with this Idempotency-Key is still connected and waits for the answer.",
                1);
          }
          return connected;
        });
  }

  /** Frees the key, unless another call has taken it over. */
  void free(IdempotencyKey key, BooleanSupplier connected) {
    held.remove(Key.of(key), connected);
  }
}

package io.caravan.queue.store;

import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.NewRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request to add.
 *
 * @param answer what a repeated call with the same key gets
 */
public record Addition(NewRequest request, @Nullable IdempotencyKey key, String answer) {}

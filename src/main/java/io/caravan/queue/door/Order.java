package io.caravan.queue.door;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.queue.IdempotencyKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A call of the door.
 *
 * @param endpoint that was called
 * @param request as {@code POST /batch/queue} takes it
 * @param until when the call is answered at the latest; null if it is answered at once
 */
record Order(
    String endpoint,
    String client,
    ObjectNode request,
    @Nullable IdempotencyKey key,
    Streaming streaming,
    @Nullable Instant until) {
  /** How the answer is sent. */
  enum Streaming {
    NONE,
    EVENTS,
    EVENTS_WITH_USAGE
  }
}

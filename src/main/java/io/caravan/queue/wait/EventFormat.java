package io.caravan.queue.wait;

import io.caravan.queue.QueuedRequest;

/** Puts ended requests into words. */
@FunctionalInterface
public interface EventFormat {
  /** The JSON of an event. */
  String json(QueuedRequest request);
}

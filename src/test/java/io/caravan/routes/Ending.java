package io.caravan.routes;

import org.jspecify.annotations.Nullable;

/**
 * How a batch ends.
 *
 * @param answered how many of its requests, from the first, are answered
 * @param code why it failed, in the batch's {@code errors}
 */
record Ending(String status, int answered, @Nullable String code, @Nullable String message) {
  static final Ending COMPLETED = new Ending("completed", Integer.MAX_VALUE, null, null);

  /** Nothing of it ran. */
  static Ending failed(String code, String message) {
    return new Ending("failed", 0, code, message);
  }

  /** The rest is in the error file, as OpenAI does it. */
  static Ending expired(int answered) {
    return new Ending("expired", answered, null, null);
  }

  /** The rest is nowhere. */
  static Ending cancelled(int answered) {
    return new Ending("cancelled", answered, null, null);
  }

  /** It says that it is complete, and the rest is nowhere. */
  static Ending withoutTheRest(int answered) {
    return new Ending("completed", answered, null, null);
  }

  /** What OpenAI says when the queue of a model is full. */
  static Ending queueFull(String model, long limit) {
    return failed(
        "token_limit_exceeded",
        ("Enqueued token limit reached for %s in organization org-1. Limit: %,d enqueued tokens."
                + " Please try again once some in_progress batches have been completed.")
            .formatted(model, limit));
  }
}

package io.caravan.routes.fake;

import org.jspecify.annotations.Nullable;

/**
 * How a batch ends.
 *
 * @param answered how many of its requests are answered, from the first on
 * @param code the error code in the batch's {@code errors}
 */
public record Ending(String status, int answered, @Nullable String code, @Nullable String message) {
  public static final Ending COMPLETED = new Ending("completed", Integer.MAX_VALUE, null, null);

  /** No request ran. */
  public static Ending failed(String code, String message) {
    return new Ending("failed", 0, code, message);
  }

  /** Unanswered requests are in the error file, as at OpenAI. */
  public static Ending expired(int answered) {
    return new Ending("expired", answered, null, null);
  }

  /** Unanswered requests are in no file. */
  public static Ending cancelled(int answered) {
    return new Ending("cancelled", answered, null, null);
  }

  /** The batch is completed, but unanswered requests are in no file. */
  public static Ending withoutTheRest(int answered) {
    return new Ending("completed", answered, null, null);
  }

  /** OpenAI's failure when the queue of a model is full. */
  static Ending queueFull(String model, long limit) {
    return failed(
        "token_limit_exceeded",
        ("Enqueued token limit reached for %s in organization org-1. Limit: %,d enqueued tokens."
                + " Please try again once some in_progress batches have been completed.")
            .formatted(model, limit));
  }
}

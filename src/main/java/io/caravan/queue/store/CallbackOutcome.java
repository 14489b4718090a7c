package io.caravan.queue.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The outcome of an attempt. */
public sealed interface CallbackOutcome {
  /** The receiver has taken the callback. */
  record Delivered(int answer) implements CallbackOutcome {}

  /**
   * The attempt failed.
   *
   * @param answer the status code; null if there was no answer
   * @param retryAt null if there is no further attempt
   * @param holdUntil until when the receiver asks for no further calls; null if it does not
   */
  record Failed(
      @Nullable Integer answer,
      String problem,
      @Nullable Instant retryAt,
      @Nullable Instant holdUntil)
      implements CallbackOutcome {}

  /** The receiver takes no more callbacks. */
  record Disabled(int answer, String problem) implements CallbackOutcome {}
}

package io.caravan.queue;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The status of a callback. */
public enum CallbackStatus {
  /** It was not sent yet. */
  PENDING,
  /** The last attempt failed; it is sent again. */
  FAILED,
  /** The receiver has taken it. */
  DELIVERED,
  /** All attempts failed. */
  EXHAUSTED,
  /** The receiver has answered that it takes no more callbacks. */
  DISABLED;

  /** The word that clients see, such as {@code pending}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The status of that word; empty if there is none. */
  public static Optional<CallbackStatus> of(String word) {
    return Stream.of(values()).filter(status -> status.word().equals(word)).findFirst();
  }
}

package io.caravan.time;

/**
 * A time or priority that a user wrote and that cannot be used; the message says why, and what to
 * write.
 */
public final class UnfitTimeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public UnfitTimeException(String message) {
    super(message);
  }
}

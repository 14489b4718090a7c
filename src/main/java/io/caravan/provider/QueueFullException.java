package io.caravan.provider;

/**
 * The batch was not created: its prompt tokens exceed the free space in the provider's queue
 * ({@code token_limit_exceeded}).
 */
public final class QueueFullException extends RuntimeException {
  /** Keeps the provider's message, which may name the limit. */
  public QueueFullException(String message) {
    super(message);
  }

  /** The provider's message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

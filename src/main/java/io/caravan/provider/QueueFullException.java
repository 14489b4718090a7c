package io.caravan.provider;

/**
 * The batch was not created, since its prompt tokens do not fit beside those that wait already
 * ({@code token_limit_exceeded}).
 */
public final class QueueFullException extends RuntimeException {
  /** What the provider said, which may name the limit. */
  public QueueFullException(String message) {
    super(message);
  }

  /** What the provider said; there always is something. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

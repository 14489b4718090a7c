package io.caravan.provider;

/**
 * The provider refuses all requests: the key is no longer valid, or there is no credit. Further
 * calls fail the same way until an operator fixes the cause.
 */
public final class AccessRefusedException extends RuntimeException {
  /** Keeps the provider's message. */
  public AccessRefusedException(String message) {
    super(message);
  }

  /** The provider's message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

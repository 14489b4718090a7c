package io.caravan.provider;

/**
 * The provider refuses us as a whole: the key is not valid any more, or there is no credit.
 * Whatever is sent next would fare alike, until somebody mends it.
 */
public final class AccessRefusedException extends RuntimeException {
  /** What the provider said. */
  public AccessRefusedException(String message) {
    super(message);
  }

  /** What the provider said; there always is something. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

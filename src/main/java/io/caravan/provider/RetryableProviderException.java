package io.caravan.provider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The provider did not do it this time; the same call may pass later. */
public final class RetryableProviderException extends RuntimeException {
  private final transient @Nullable Duration retryAfter;

  /** What happened, and how long the provider asked to wait, if it did. */
  public RetryableProviderException(String message, @Nullable Duration retryAfter) {
    super(message);
    this.retryAfter = retryAfter;
  }

  /** How long the provider asked to wait. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** What the provider said; there always is something. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

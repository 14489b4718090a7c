package io.caravan.provider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The provider did not do it this time; the same call may pass later. */
public final class RetryableProviderException extends RuntimeException {
  private static final int TOO_MANY_REQUESTS = 429;

  private final transient @Nullable Duration retryAfter;
  private final int status;

  /** What happened, and how long the provider asked to wait, if it did. */
  public RetryableProviderException(String message, @Nullable Duration retryAfter) {
    this(0, message, retryAfter);
  }

  /** The same with the HTTP status, 0 when there was none. */
  public RetryableProviderException(int status, String message, @Nullable Duration retryAfter) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** How long the provider asked to wait. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the provider may have done what it was asked, although it did not say so. */
  public boolean isUnclear() {
    return status != TOO_MANY_REQUESTS;
  }

  /** What the provider said; there always is something. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

package io.caravan.provider;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The provider did not do it this time; the same call may pass later. */
public final class RetryableProviderException extends RuntimeException {
  private static final int TOO_MANY_REQUESTS = 429;

  /** Statuses of a provider, or a gateway before it, that is overloaded or out of reach. */
  private static final Set<Integer> UNAVAILABLE =
      Set.of(408, 425, TOO_MANY_REQUESTS, 502, 503, 504, 529);

  private final transient @Nullable Duration retryAfter;
  private final int status;
  private final boolean inTime;

  /** What happened, and how long the provider asked to wait, if it did. */
  public RetryableProviderException(String message, @Nullable Duration retryAfter) {
    this(0, message, retryAfter);
  }

  /** The same with the HTTP status, 0 when there was none. */
  public RetryableProviderException(int status, String message, @Nullable Duration retryAfter) {
    this(status, message, retryAfter, UNAVAILABLE.contains(status));
  }

  private RetryableProviderException(
      int status, String message, @Nullable Duration retryAfter, boolean inTime) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.inTime = inTime;
  }

  /** What can only be waited for, and has a limit of its own. */
  public static RetryableProviderException inTime(String message) {
    return new RetryableProviderException(0, message, null, true);
  }

  /** Whether it needs nobody but time; else it is given up after some tries. */
  public boolean passesInTime() {
    return inTime;
  }

  /** Whether the provider is overloaded or out of reach, so that other calls fare alike. */
  public boolean isUnavailable() {
    return UNAVAILABLE.contains(status);
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

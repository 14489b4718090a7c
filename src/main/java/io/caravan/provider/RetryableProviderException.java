package io.caravan.provider;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The call failed this time; the same call may succeed later. */
public final class RetryableProviderException extends RuntimeException {
  private static final int TOO_MANY_REQUESTS = 429;

  /** Statuses of a provider, or a gateway before it, that is overloaded or unreachable. */
  private static final Set<Integer> UNAVAILABLE =
      Set.of(408, 425, TOO_MANY_REQUESTS, 502, 503, 504, 529);

  private final transient @Nullable Duration retryAfter;
  private final int status;
  private final boolean inTime;

  /** Keeps what happened, and the wait that the provider asked for, if any. */
  public RetryableProviderException(String message, @Nullable Duration retryAfter) {
    this(0, message, retryAfter);
  }

  /** The same with the HTTP status, 0 if there was none. */
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

  /** A failure that only waiting resolves; it has a time limit of its own. */
  public static RetryableProviderException inTime(String message) {
    return new RetryableProviderException(0, message, null, true);
  }

  /** Whether only waiting resolves it; other failures are given up after some tries. */
  public boolean passesInTime() {
    return inTime;
  }

  /** Whether the provider is overloaded or unreachable, so that other calls fail, too. */
  public boolean isUnavailable() {
    return UNAVAILABLE.contains(status);
  }

  /** How long the provider asked to wait. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the call may have had its effect although it failed. */
  public boolean isUnclear() {
    return status != TOO_MANY_REQUESTS;
  }

  /** The provider's message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

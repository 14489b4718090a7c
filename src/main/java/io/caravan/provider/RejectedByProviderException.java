package io.caravan.provider;

import org.jspecify.annotations.Nullable;

/** The provider rejected the call, and would reject it again. */
public final class RejectedByProviderException extends RuntimeException {
  private final int status;
  private final @Nullable String code;

  /** Keeps the HTTP status, the provider's own code if there is one, and its message. */
  public RejectedByProviderException(int status, @Nullable String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** Whether the server does not have this call, which is common in compatible servers. */
  public boolean isUnsupported() {
    return status == 404 || status == 405 || status == 501;
  }

  /** The HTTP status, 300 to 499 or 501. */
  public int status() {
    return status;
  }

  /** The provider's own code. */
  public @Nullable String code() {
    return code;
  }

  /** The provider's message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

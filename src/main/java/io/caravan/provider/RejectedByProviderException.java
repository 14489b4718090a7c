package io.caravan.provider;

import org.jspecify.annotations.Nullable;

/** The provider refused, and would refuse again. */
public final class RejectedByProviderException extends RuntimeException {
  private final int status;
  private final @Nullable String code;

  /** The HTTP status, the provider's own code if it gave one, and its message. */
  public RejectedByProviderException(int status, @Nullable String code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The server has no such call, as compatible ones often have not. */
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

  /** What the provider said; there always is something. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}

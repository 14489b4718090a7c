package io.caravan.server.wire;

import org.jspecify.annotations.Nullable;

/** Fails a request with an HTTP status and OpenAI's error body. */
public final class ApiException extends RuntimeException {
  private final int status;
  private final transient ApiError error;

  public ApiException(int status, ApiError error) {
    super(error.message());
    this.status = status;
    this.error = error;
  }

  public static ApiException invalid(
      String message, @Nullable String param, @Nullable String code) {
    return new ApiException(400, ApiError.invalidRequest(message, param, code));
  }

  public static ApiException missing(String param) {
    return invalid(
        "Missing required parameter: '%s'.".formatted(param), param, "missing_required_parameter");
  }

  public static ApiException notFound(String message, @Nullable String param) {
    return new ApiException(404, ApiError.invalidRequest(message, param, null));
  }

  public int status() {
    return status;
  }

  public ApiError error() {
    return error;
  }
}

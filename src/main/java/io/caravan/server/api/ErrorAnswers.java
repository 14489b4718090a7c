package io.caravan.server.api;

import io.caravan.disk.NoRoomException;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import io.caravan.web.ErrorResolver;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.ClientAbortException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;

/** Answers failures under {@code /v1} with OpenAI's error body; ignores other paths. */
public final class ErrorAnswers extends ErrorResolver {
  private static final Logger log = LoggerFactory.getLogger(ErrorAnswers.class);

  /** Creates the resolver for the server's paths. */
  public ErrorAnswers() {
    super("/v1");
  }

  @Override
  protected void answer(
      HttpServletRequest request, HttpServletResponse response, Exception exception)
      throws IOException {
    ApiException answer = answer(request, exception);
    if (exception instanceof HttpRequestMethodNotSupportedException e) {
      setHeaders(response, e);
    }
    write(response, answer);
  }

  /** Writes an error as the response. */
  static void write(HttpServletResponse response, ApiException answer) throws IOException {
    response.setStatus(answer.status());
    response.setContentType("application/json");
    response.getOutputStream().write(Json.MAPPER.writeValueAsBytes(answer.error().inBody()));
  }

  private static ApiException answer(HttpServletRequest request, Exception exception) {
    return switch (exception) {
      case ApiException e -> e;
      case NoRoomException e ->
          new ApiException(
              507, ApiError.server(String.valueOf(e.getMessage()), "storage_limit_exceeded"));
      case MaxUploadSizeExceededException e ->
          refusal(
              413,
              "The file is larger than this server takes. Split it, or raise its limit.",
              null);
      case MultipartException e -> refusal(400, "The body is not valid multipart/form-data.", null);
      case ClientAbortException e ->
          refusal(408, "The body was incomplete or arrived too slowly. Send it again.", null);
      case MethodArgumentTypeMismatchException e ->
          ApiException.invalid(
              "Invalid value for '%s': '%s'.".formatted(e.getName(), e.getValue()),
              e.getName(),
              "invalid_value");
      case HttpRequestMethodNotSupportedException e ->
          refusal(
              405,
              "Not allowed to %s on %s.".formatted(request.getMethod(), request.getRequestURI()),
              "method_not_supported");
      case ErrorResponse e -> refusal(e, request);
      default -> {
        log.error("{} {} failed", request.getMethod(), request.getRequestURI(), exception);
        yield new ApiException(
            500, ApiError.server("The server had an internal error; see its log.", null));
      }
    };
  }

  private static ApiException refusal(ErrorResponse e, HttpServletRequest request) {
    int status = e.getStatusCode().value();
    return status == 404
        ? refusal(
            404,
            "Invalid URL (%s %s)".formatted(request.getMethod(), request.getRequestURI()),
            null)
        : refusal(status, String.valueOf(e.getBody().getDetail()), null);
  }

  private static ApiException refusal(int status, String message, @Nullable String code) {
    return new ApiException(status, ApiError.invalidRequest(message, null, code));
  }
}

package io.caravan.operator;

import io.caravan.web.ErrorAnswer;
import io.caravan.web.ErrorResolver;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.ErrorResponse;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Answers every failure under {@code /caravan} with OpenAI's error body; ignores other paths. */
final class OperatorErrors extends ErrorResolver {
  static final String PATH = "/caravan";

  private static final Logger LOG = LoggerFactory.getLogger(OperatorErrors.class);

  OperatorErrors() {
    super(PATH);
  }

  @Override
  protected void answer(
      HttpServletRequest request, HttpServletResponse response, Exception exception)
      throws IOException {
    switch (exception) {
      case OperatorException e -> ErrorAnswer.write(response, e.status(), e.code(), e.getMessage());
      case MethodArgumentTypeMismatchException e ->
          ErrorAnswer.write(
              response,
              400,
              "invalid_value",
              "%s cannot be \"%s\".".formatted(e.getName(), e.getValue()));
      case ErrorResponse e -> {
        setHeaders(response, e);
        ErrorAnswer.write(response, e.getStatusCode().value(), null, told(request, e));
      }
      default -> {
        LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), exception);
        ErrorAnswer.write(response, 500, null, "Internal error. See the log of Caravan.");
      }
    }
  }

  private static String told(HttpServletRequest request, ErrorResponse e) {
    return switch (e.getStatusCode().value()) {
      case 404 -> "There is no %s.".formatted(request.getRequestURI());
      case 405 -> "Not allowed to %s %s.".formatted(request.getMethod(), request.getRequestURI());
      default -> String.valueOf(e.getBody().getDetail());
    };
  }
}

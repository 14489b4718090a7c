package io.caravan.operator;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.web.ErrorResponse;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Gives every failure under {@code /caravan} OpenAI's error body, and leaves other paths alone. */
final class OperatorErrors implements HandlerExceptionResolver, Ordered {
  static final String PATH = "/caravan";

  private static final Logger LOG = LoggerFactory.getLogger(OperatorErrors.class);
  private static final JsonMapper JSON = new JsonMapper();

  static void write(HttpServletResponse response, int status, @Nullable String code, String message)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", status < 500 ? "invalid_request_error" : "server_error")
        .putNull("param")
        .put("code", code);
    response.setStatus(status);
    response.setContentType("application/json");
    response.getOutputStream().write(JSON.writeValueAsBytes(body));
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception exception) {
    if (!ours(request) || response.isCommitted()) {
      return null;
    }
    try {
      answer(request, response, exception);
      return new ModelAndView();
    } catch (IOException e) {
      return null; // the client has gone
    }
  }

  private static boolean ours(HttpServletRequest request) {
    String path = request.getRequestURI().substring(request.getContextPath().length());
    return path.equals(PATH) || path.startsWith(PATH + "/");
  }

  private static void answer(
      HttpServletRequest request, HttpServletResponse response, Exception exception)
      throws IOException {
    switch (exception) {
      case OperatorException e -> write(response, e.status(), e.code(), e.getMessage());
      case MethodArgumentTypeMismatchException e ->
          write(
              response,
              400,
              "invalid_value",
              "%s cannot be \"%s\".".formatted(e.getName(), e.getValue()));
      case ErrorResponse e -> {
        e.getHeaders()
            .forEach((name, values) -> response.setHeader(name, String.join(", ", values)));
        write(response, e.getStatusCode().value(), null, told(request, e));
      }
      default -> {
        LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), exception);
        write(response, 500, null, "Caravan had an error; its log says more.");
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

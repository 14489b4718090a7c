package io.caravan.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.ErrorResponse;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Answers every failure below a path; ignores other paths. */
public abstract class ErrorResolver implements HandlerExceptionResolver, Ordered {
  private final String path;

  protected ErrorResolver(String path) {
    this.path = path;
  }

  /** Writes the answer to a failure. */
  protected abstract void answer(
      HttpServletRequest request, HttpServletResponse response, Exception exception)
      throws IOException;

  /** Sets the headers that belong to an error, such as {@code Allow}. */
  protected static void setHeaders(HttpServletResponse response, ErrorResponse error) {
    error
        .getHeaders()
        .forEach((name, values) -> response.setHeader(name, String.join(", ", values)));
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  /** Whether Tomcat failed to read the body, and answers that itself: {@link ErrorDispatch}. */
  private static boolean isRefusedByTomcat(HttpServletRequest request) {
    return request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) instanceof IOException;
  }

  @Override
  public @Nullable ModelAndView resolveException(
      HttpServletRequest request,
      HttpServletResponse response,
      @Nullable Object handler,
      Exception exception) {
    if (!CalledPath.isBelow(request, path)) {
      return null;
    }
    if (response.isCommitted()) {
      return isRefusedByTomcat(request) ? new ModelAndView() : null;
    }
    try {
      answer(request, response, exception);
      return new ModelAndView();
    } catch (IOException e) {
      return null; // the client has disconnected
    }
  }
}

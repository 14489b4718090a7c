package io.caravan.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * The filter of error dispatches, which answers in JSON what Tomcat refuses while a handler runs,
 * such as a body that arrives too slowly.
 */
final class ErrorDispatch extends HttpFilter {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = String.valueOf(request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI));
    if (ErrorAnswer.isForPrograms(path) && !response.isCommitted()) {
      ErrorAnswer.write(path, response, response.getStatus());
    } else {
      chain.doFilter(request, response);
    }
  }
}

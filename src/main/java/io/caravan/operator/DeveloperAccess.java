package io.caravan.operator;

import io.caravan.web.ErrorAnswer;
import io.caravan.web.ThisMachine;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/** A filter that accepts only requests from this machine, with the operator token. */
final class DeveloperAccess extends OperatorAccess {
  /** The setting that switches the endpoints on. */
  static final String SETTING = "caravan.developer";

  /** Camel's console, and the endpoint that stops and starts routes. */
  static final List<String> ENDPOINTS = List.of("camel", "camelroutes");

  DeveloperAccess(OperatorToken token) {
    super(token);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (ThisMachine.sent(request)) {
      super.doFilter(request, response, chain);
    } else {
      ErrorAnswer.write(
          response,
          403,
          "host_not_allowed",
          "Camel's console is available only on the machine of the service, as http://localhost.");
    }
  }
}

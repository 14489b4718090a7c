package io.caravan.operator;

import io.caravan.web.ErrorAnswer;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** A filter that accepts only requests with the operator token, and none if no token is set. */
class OperatorAccess extends HttpFilter {
  private final transient OperatorToken token;

  OperatorAccess(OperatorToken token) {
    this.token = token;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!token.isSet()) {
      ErrorAnswer.write(
          response,
          403,
          "operator_token_not_set",
          "The operator API is disabled because no token is set. Set CARAVAN_OPERATOR_TOKEN (16 or more characters) and restart, or use \"caravan status\", \"cancel\" and \"retry\" on the machine.");
    } else if (!token.isShownIn(request)) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"caravan\"");
      ErrorAnswer.write(
          response,
          401,
          "invalid_api_key",
          "This request needs the header \"Authorization: Bearer …\" with the value of CARAVAN_OPERATOR_TOKEN.");
    } else {
      chain.doFilter(request, response);
    }
  }
}

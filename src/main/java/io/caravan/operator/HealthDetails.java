package io.caravan.operator;

import io.caravan.web.ThisMachine;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.Principal;

/**
 * A filter that gives requests from this machine, or with the operator token, a principal, so that
 * Spring Boot shows them health details ({@code when-authorized}).
 */
final class HealthDetails extends HttpFilter {
  static final String PATHS = "/actuator/health/*";

  private final transient OperatorToken token;

  HealthDetails(OperatorToken token) {
    this.token = token;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    boolean known = ThisMachine.sent(request) || token.isShownIn(request);
    chain.doFilter(known ? new OfOperator(request) : request, response);
  }

  private static final class OfOperator extends HttpServletRequestWrapper {
    OfOperator(HttpServletRequest request) {
      super(request);
    }

    @Override
    public Principal getUserPrincipal() {
      return () -> "operator";
    }
  }
}

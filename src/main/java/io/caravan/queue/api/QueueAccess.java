package io.caravan.queue.api;

import io.caravan.client.ApiKeys;
import io.caravan.operator.OperatorToken;
import io.caravan.queue.QueueProblem;
import io.caravan.web.ShownKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.web.filter.OncePerRequestFilter;

/** The filter that finds out who calls a path below {@code /batch}: a client or an operator. */
final class QueueAccess extends OncePerRequestFilter {
  private final ApiKeys keys;
  private final OperatorToken token;
  private final boolean open;

  /**
   * @param open whether calls need no key if there are none
   */
  QueueAccess(ApiKeys keys, OperatorToken token, boolean open) {
    this.keys = keys;
    this.token = token;
    this.open = open;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      request.setAttribute(Caller.ATTRIBUTE, caller(request, response));
      chain.doFilter(request, response);
    } catch (QueueProblem e) {
      Problems.write(response, e);
    }
  }

  private Caller caller(HttpServletRequest request, HttpServletResponse response) {
    String key = ShownKey.of(request);
    if (token.isShownIn(request) || keys.isOwn(key)) {
      return new Caller("", true);
    }
    if (!keys.none()) {
      Optional<String> client = keys.ownerOf(key);
      return new Caller(client.orElseThrow(() -> refused(key, response)), false);
    }
    if (open) {
      return new Caller("", false);
    }
    throw QueueProblem.of(
        403,
        "no_keys",
        "This server has no keys, so other machines may not use it. Set keys (caravan.server.keys), or CARAVAN_SERVER_OPEN=true if everyone who reaches it may use it.");
  }

  private static QueueProblem refused(String key, HttpServletResponse response) {
    response.setHeader("WWW-Authenticate", "Bearer realm=\"caravan\"");
    return QueueProblem.of(
        401,
        "invalid_api_key",
        key.isEmpty()
            ? "Send an API key as \"Authorization: Bearer KEY\"."
            : "This API key is not known. Ask the operator of this server for one.");
  }
}

package io.caravan.queue.api;

import io.caravan.client.ApiKeys;
import io.caravan.client.RateLimit;
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

/**
 * The filter that identifies the caller of a path below {@code /batch}, a client or an operator,
 * and applies the rate limit of clients.
 */
final class QueueAccess extends OncePerRequestFilter {
  private final ApiKeys keys;
  private final OperatorToken token;
  private final boolean open;
  private final RateLimit limit;

  /**
   * @param open whether calls need no key if there are none
   */
  QueueAccess(ApiKeys keys, OperatorToken token, boolean open, RateLimit limit) {
    this.keys = keys;
    this.token = token;
    this.open = open;
    this.limit = limit;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      Caller caller = caller(request, response);
      if (!caller.operator()) {
        limit
            .take(caller.client(), response::setHeader)
            .ifPresent(refusal -> {
              throw QueueProblem.of(429, "rate_limit_exceeded", refusal);
            });
      }
      request.setAttribute(Caller.ATTRIBUTE, caller);
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

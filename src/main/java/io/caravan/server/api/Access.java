package io.caravan.server.api;

import io.caravan.client.ApiKeys;
import io.caravan.client.RateLimit;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.Owner;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.web.ShownKey;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.web.filter.OncePerRequestFilter;

/** The filter that authenticates requests by API key and applies the rate limit. */
public final class Access extends OncePerRequestFilter {
  /** Larger bodies are files; smaller ones always pass, so that a full disk can be freed. */
  private static final long LARGE = 1 << 20;

  private final ApiKeys keys;
  private final RateLimit limit;
  private final DiskQuota quota;

  public Access(ApiKeys keys, RateLimit limit, DiskQuota quota) {
    this.keys = keys;
    this.limit = limit;
    this.quota = quota;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      String owner = owner(request, response);
      if (request.getContentLengthLong() > LARGE) {
        // the body is on disk before a controller runs
        quota.requireDisk(request.getContentLengthLong());
      }
      chain.doFilter(new Owned(request, owner), response);
    } catch (ApiException e) {
      ErrorAnswers.write(response, e);
    }
  }

  /** Caravan's own pipelines have no owner, with or without keys, and no rate limit. */
  private String owner(HttpServletRequest request, HttpServletResponse response) {
    String key = ShownKey.of(request);
    if (keys.isOwn(key)) {
      return Owner.NONE;
    }
    String owner = keys.none() ? Owner.NONE : known(key, response);
    limit
        .take(owner, response::setHeader)
        .ifPresent(refusal -> {
          throw new ApiException(
              429, new ApiError(refusal, "requests", null, "rate_limit_exceeded"));
        });
    return owner;
  }

  private String known(String key, HttpServletResponse response) {
    return keys.ownerOf(key)
        .orElseThrow(() -> {
          response.setHeader("WWW-Authenticate", "Bearer realm=\"caravan\"");
          return new ApiException(
              401,
              ApiError.invalidRequest(
                  key.isEmpty()
                      ? "You did not provide an API key. Send it as \"Authorization: Bearer KEY\"."
                      : "Incorrect API key provided. Ask the operator of this server for one.",
                  null,
                  "invalid_api_key"));
        });
  }

  private static final class Owned extends HttpServletRequestWrapper {
    private final String owner;

    Owned(HttpServletRequest request, String owner) {
      super(request);
      this.owner = owner;
    }

    @Override
    public String getRemoteUser() {
      return owner;
    }
  }
}

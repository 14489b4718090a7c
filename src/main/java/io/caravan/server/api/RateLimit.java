package io.caravan.server.api;

import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The rate limit: one token bucket per key owner, so there are never more buckets than keys. */
public final class RateLimit {
  private final int perMinute;
  private final Clock clock;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  /**
   * @param perMinute requests per owner; 0 for no limit
   */
  public RateLimit(int perMinute, Clock clock) {
    this.perMinute = perMinute;
    this.clock = clock;
  }

  /** Counts a request, sets OpenAI's rate limit headers, and rejects requests over the limit. */
  void take(String owner, HttpServletResponse response) {
    if (perMinute == 0) {
      return;
    }
    Bucket bucket = buckets.compute(owner, (name, before) -> next(before));
    response.setHeader("x-ratelimit-limit-requests", Integer.toString(perMinute));
    response.setHeader("x-ratelimit-remaining-requests", Long.toString((long) bucket.tokens));
    response.setHeader(
        "x-ratelimit-reset-requests", text(bucket.until(perMinute, perMinute).toMillis()));
    if (!bucket.granted) {
      long wait = bucket.until(1, perMinute).toMillis();
      response.setHeader("Retry-After", Long.toString(Math.max(1, Math.ceilDiv(wait, 1000L))));
      throw new ApiException(
          429,
          new ApiError(
              "Rate limit reached: %d requests per minute. Please try again in %s."
                  .formatted(perMinute, text(wait)),
              "requests",
              null,
              "rate_limit_exceeded"));
    }
  }

  private Bucket next(@Nullable Bucket before) {
    long now = clock.millis();
    Bucket full = new Bucket(perMinute, now, true);
    return Objects.requireNonNullElse(before, full).take(now, perMinute);
  }

  /** A duration in OpenAI's format: 120ms, 1s, 6m0s. */
  private static String text(long millis) {
    Duration time = Duration.ofMillis(millis);
    if (millis < 1000) {
      return millis + "ms";
    }
    return time.toMinutes() == 0
        ? time.toSeconds() + "s"
        : time.toMinutes() + "m" + time.toSecondsPart() + "s";
  }

  private record Bucket(double tokens, long at, boolean granted) {
    /** Takes a token; a clock that was set back adds none. */
    Bucket take(long now, int perMinute) {
      double filled =
          Math.min(perMinute, tokens + Math.max(0, now - at) * (double) perMinute / 60_000);
      return filled < 1 ? new Bucket(filled, now, false) : new Bucket(filled - 1, now, true);
    }

    Duration until(double wanted, int perMinute) {
      return Duration.ofMillis((long) Math.ceil(Math.max(0, wanted - tokens) * 60_000 / perMinute));
    }
  }
}

package io.caravan.client;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
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

  /**
   * Counts a request; returns why it is refused if it is over the limit.
   *
   * @param headers receives OpenAI's rate limit headers, and {@code Retry-After} with a refusal
   */
  public Optional<String> take(String owner, BiConsumer<String, String> headers) {
    if (perMinute == 0) {
      return Optional.empty();
    }
    Bucket bucket = buckets.compute(owner, (name, before) -> next(before));
    headers.accept("x-ratelimit-limit-requests", Integer.toString(perMinute));
    headers.accept("x-ratelimit-remaining-requests", Long.toString((long) bucket.tokens));
    headers.accept(
        "x-ratelimit-reset-requests", text(bucket.until(perMinute, perMinute).toMillis()));
    if (bucket.granted) {
      return Optional.empty();
    }
    long wait = bucket.until(1, perMinute).toMillis();
    headers.accept("Retry-After", Long.toString(Math.max(1, Math.ceilDiv(wait, 1000L))));
    return Optional.of(
        "Rate limit reached: %d requests per minute. Please try again in %s."
            .formatted(perMinute, text(wait)));
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

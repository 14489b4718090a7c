package io.caravan.server;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.StringUtils;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the OpenAI-compatible server that runs the requests of the embedded batch server.
 *
 * @param url its base URL, with or without {@code /v1}; empty when there is none
 * @param apiKey sent as bearer key; empty when it wants none
 * @param maxConcurrency requests in flight at once
 * @param connectTimeout longest wait for a connection
 * @param requestTimeout longest wait for a whole answer
 * @param maxAttempts tries of one request in total
 * @param initialBackoff wait before the second try; it doubles from try to try
 * @param maxBackoff longest wait between two tries, whatever {@code Retry-After} says
 * @param loadingTimeout how long {@code 503 Loading model} is waited out, tries not counted
 */
@Validated
@ConfigurationProperties(prefix = "caravan.upstream", ignoreUnknownFields = false)
record UpstreamSettings(
    @Nullable @Pattern(regexp = "|https?://.+", message = "must start with http:// or https://")
        String url,
    @Nullable String apiKey,
    @Positive int maxConcurrency,
    @NotNull Duration connectTimeout,
    @NotNull Duration requestTimeout,
    @Positive int maxAttempts,
    @NotNull Duration initialBackoff,
    @NotNull Duration maxBackoff,
    @NotNull Duration loadingTimeout) {

  boolean present() {
    return StringUtils.hasText(url);
  }

  /** The address of a path that starts with {@code /v1/}. */
  URI address(String path) {
    String base = StringUtils.trimTrailingCharacter(String.valueOf(url).strip(), '/');
    return URI.create((base.endsWith("/v1") ? base.substring(0, base.length() - 3) : base) + path);
  }

  /** Host and port, without what else a URL may hold. */
  String host() {
    URI address = address("");
    if (address.getHost() == null) {
      throw new IllegalArgumentException(
          "caravan.upstream.url names no host that Java understands; an underscore in it is one reason.");
    }
    return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
  }

  @Override
  public String toString() {
    return "UpstreamSettings[present=" + present() + ", maxConcurrency=" + maxConcurrency + "]";
  }
}

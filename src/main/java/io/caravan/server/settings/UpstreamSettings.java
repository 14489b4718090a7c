package io.caravan.server.settings;

import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.StringUtils;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the OpenAI-compatible servers that run the requests of the embedded batch server.
 *
 * @param url base URL of the first, with or without {@code /v1}; empty when there is none
 * @param apiKey sent as bearer key; empty when it wants none
 * @param minConcurrency requests in flight at once, however slow the answers are
 * @param maxConcurrency most requests in flight at once
 * @param latencyTolerance how many times the best time answers may take before fewer are sent at
 *     once
 * @param embeddingRequests most embeddings requests that are joined into one; 1 for servers that
 *     take no arrays
 * @param connectTimeout longest wait for a connection
 * @param requestTimeout longest wait for a whole answer
 * @param maxAttempts tries of one request in total
 * @param initialBackoff wait before the second try; it doubles from try to try
 * @param maxBackoff longest wait between two tries, whatever {@code Retry-After} says
 * @param loadingTimeout how long a server that loads its model or cannot be reached is waited for,
 *     tries not counted
 * @param further more servers by name, each for the models that it names
 */
@Validated
@ConfigurationProperties(prefix = "caravan.upstream", ignoreUnknownFields = false)
public record UpstreamSettings(
    @Nullable @Pattern(regexp = UpstreamSettings.URL, message = UpstreamSettings.URL_MESSAGE)
        String url,
    @Nullable String apiKey,
    @Positive int minConcurrency,
    @Positive int maxConcurrency,
    @DecimalMin("1.1") double latencyTolerance,
    @Positive int embeddingRequests,
    @NotNull Duration connectTimeout,
    @NotNull Duration requestTimeout,
    @Positive int maxAttempts,
    @NotNull Duration initialBackoff,
    @NotNull Duration maxBackoff,
    @NotNull Duration loadingTimeout,
    @DefaultValue Map<String, @Valid Further> further) {
  static final String URL = "|https?://.+";
  static final String URL_MESSAGE = "must start with http:// or https://";

  /** All that have a URL, the one for every model first. */
  public List<UpstreamServer> servers() {
    List<UpstreamServer> servers = new ArrayList<>();
    if (StringUtils.hasText(url)) {
      servers.add(
          new UpstreamServer("default", url, apiKey, List.of("*"), minConcurrency, maxConcurrency));
    }
    further.forEach((name, server) -> server.named(name, this).ifPresent(servers::add));
    return servers;
  }

  @Override
  public String toString() {
    return "UpstreamSettings" + servers();
  }

  /**
   * One more server; what it leaves out is as for the first.
   *
   * @param models the models it serves, {@code *} standing for any characters
   */
  record Further(
      @Nullable @Pattern(regexp = UpstreamSettings.URL, message = UpstreamSettings.URL_MESSAGE)
          String url,
      @Nullable String apiKey,
      @DefaultValue("*") List<String> models,
      @Nullable @Positive Integer minConcurrency,
      @Nullable @Positive Integer maxConcurrency) {

    private Optional<UpstreamServer> named(String name, UpstreamSettings first) {
      if (!StringUtils.hasText(url)) {
        return Optional.empty();
      }
      return Optional.of(
          new UpstreamServer(
              name,
              url,
              apiKey,
              models,
              minConcurrency == null ? first.minConcurrency : minConcurrency,
              maxConcurrency == null ? first.maxConcurrency : maxConcurrency));
    }

    @Override
    public String toString() {
      return "Further[models=" + models + "]";
    }
  }
}

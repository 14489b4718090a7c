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
 * @param url base URL of the first server, with or without {@code /v1}; empty if there is none
 * @param apiKey sent as bearer token; empty if none is needed
 * @param minConcurrency minimum concurrency limit, however slow the answers are
 * @param maxConcurrency maximum number of requests in flight
 * @param latencyTolerance multiple of the best response time above which concurrency is reduced
 * @param embeddingRequests maximum number of embeddings requests joined into one; 1 for servers
 *     that do not support arrays
 * @param connectTimeout timeout for opening a connection
 * @param requestTimeout timeout for the complete answer
 * @param maxAttempts attempts per request in total
 * @param initialBackoff delay before the second attempt; doubles with each attempt
 * @param maxBackoff maximum delay between two attempts, whatever {@code Retry-After} says
 * @param loadingTimeout how long to wait for a server that loads its model or is unreachable,
 *     without counting attempts
 * @param further more servers by name, each with its models
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

  /** All servers that have a URL; the first one, which serves every model, comes first. */
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
   * One more server; concurrency settings default to those of the first.
   *
   * @param models patterns of the models it serves; {@code *} matches any characters
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

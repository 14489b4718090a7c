package io.caravan.server.settings;

import io.caravan.client.UnfitSettingsException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.PatternMatchUtils;
import org.springframework.util.StringUtils;

/** The settings of one upstream: its URL, key, models and concurrency. */
public record UpstreamServer(
    String name,
    String url,
    @Nullable String apiKey,
    List<String> models,
    int minConcurrency,
    int maxConcurrency) {

  /** The URL of a path that starts with {@code /v1/}. */
  public URI address(String path) {
    String base = StringUtils.trimTrailingCharacter(url.strip(), '/');
    return URI.create((base.endsWith("/v1") ? base.substring(0, base.length() - 3) : base) + path);
  }

  /** Host and port of the URL, without credentials. */
  public String host() {
    URI address = address("");
    if (address.getHost() == null) {
      throw new UnfitSettingsException(
          "The URL of upstream %s has no host name that Java accepts, for example because it contains an underscore."
              .formatted(name),
          "Use its IP address, or a host name of letters, digits and hyphens.");
    }
    return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
  }

  /**
   * How specifically the patterns match the model: the most literal characters, or -1 if none does.
   */
  public int match(String model) {
    return models.stream()
        .filter(pattern -> PatternMatchUtils.simpleMatch(pattern, model))
        .mapToInt(pattern -> pattern.replace("*", "").length())
        .max()
        .orElse(-1);
  }

  /** The Authorization header. The key is checked here: HTTP clients quote bad ones in errors. */
  public Optional<String> authorization() {
    if (!StringUtils.hasText(apiKey)) {
      return Optional.empty();
    }
    String key = apiKey.strip();
    if (key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new UnfitSettingsException(
          "The api-key of upstream %s has characters not allowed in HTTP headers.".formatted(name),
          "Set it again, and check it for typographic quotes, spaces and line breaks.");
    }
    return Optional.of("Bearer " + key);
  }

  @Override
  public String toString() {
    return "UpstreamServer[name=%s, models=%s]".formatted(name, models);
  }
}

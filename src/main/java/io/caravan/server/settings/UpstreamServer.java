package io.caravan.server.settings;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.PatternMatchUtils;
import org.springframework.util.StringUtils;

/** One server that runs requests: where it is, and which models it serves. */
public record UpstreamServer(
    String name,
    String url,
    @Nullable String apiKey,
    List<String> models,
    int minConcurrency,
    int maxConcurrency) {

  /** The address of a path that starts with {@code /v1/}. */
  public URI address(String path) {
    String base = StringUtils.trimTrailingCharacter(url.strip(), '/');
    return URI.create((base.endsWith("/v1") ? base.substring(0, base.length() - 3) : base) + path);
  }

  /** Host and port, without what else a URL may hold. */
  public String host() {
    URI address = address("");
    if (address.getHost() == null) {
      throw new UnfitSettingsException(
          "The URL of upstream %s names no host that Java understands; an underscore in it is one reason."
              .formatted(name),
          "Give its address, or a name of letters, digits and hyphens.");
    }
    return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
  }

  /**
   * How exactly its patterns name the model: the more characters, the better; -1 for not at all.
   */
  public int match(String model) {
    return models.stream()
        .filter(pattern -> PatternMatchUtils.simpleMatch(pattern, model))
        .mapToInt(pattern -> pattern.replace("*", "").length())
        .max()
        .orElse(-1);
  }

  /** The value of the header that carries the key; whoever sends it would quote a bad one. */
  public Optional<String> authorization() {
    if (!StringUtils.hasText(apiKey)) {
      return Optional.empty();
    }
    String key = apiKey.strip();
    if (key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new UnfitSettingsException(
          "The api-key of upstream %s has characters that no HTTP header takes.".formatted(name),
          "Set it again, and look for quotes, spaces and line ends in it.");
    }
    return Optional.of("Bearer " + key);
  }

  @Override
  public String toString() {
    return "UpstreamServer[name=%s, models=%s]".formatted(name, models);
  }
}

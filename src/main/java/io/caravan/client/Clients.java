package io.caravan.client;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.PatternMatchUtils;

/**
 * The limits of clients, by the names of their keys.
 *
 * @param limits what a client may use; clients without an entry may use everything
 */
@ConfigurationProperties(prefix = "caravan.client", ignoreUnknownFields = false)
public record Clients(@DefaultValue Map<String, Limits> limits) {
  private static final Limits NONE = new Limits(Set.of(), Set.of(), Limits.HIGHEST);

  /** The limits of a client; none for requests without a key. */
  public Limits of(@Nullable String client) {
    return client == null ? NONE : limits.getOrDefault(client, NONE);
  }

  /**
   * The providers and models that one client may use.
   *
   * @param providers names of providers; empty for all
   * @param maxPriority the highest priority of its jobs and requests, 1 to 10
   * @param models names of models, with {@code *} for any characters; empty for all
   */
  public record Limits(
      @DefaultValue Set<String> providers,
      @DefaultValue Set<String> models,
      @DefaultValue("10") int maxPriority) {
    private static final int HIGHEST = 10;

    /** Whether requests may go to that provider. */
    public boolean allowsProvider(String provider) {
      return providers.isEmpty() || providers.contains(provider);
    }

    /** Whether requests may name that model. */
    public boolean allowsModel(String model) {
      return models.isEmpty()
          || models.stream().anyMatch(pattern -> PatternMatchUtils.simpleMatch(pattern, model));
    }
  }
}

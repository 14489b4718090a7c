package io.caravan.provider;

import io.caravan.job.CannotStartException;
import io.caravan.jsonl.tokens.MediaTokens;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * The providers that pipelines can name.
 *
 * @param providers by name
 */
@Validated
@ConfigurationProperties(prefix = "caravan")
public record Providers(@NotEmpty Map<String, @Valid Provider> providers) {
  /** How many tokens a provider counts for images and files, even if it cannot be called. */
  public MediaTokens mediaTokens(String name) {
    Provider provider = providers.get(name);
    return provider == null ? MediaTokens.OPENAI : provider.mediaTokens();
  }

  /**
   * The provider of that name, ready to be called.
   *
   * @throws CannotStartException if there is none, or it has no host or key
   */
  public Provider get(String name) {
    Provider provider = providers.get(name);
    if (provider == null) {
      throw new CannotStartException(
          "There is no provider \"%s\".".formatted(name),
          "Set CARAVAN_PROVIDER, or the pipeline's provider, to one of "
              + String.join(", ", new TreeSet<>(providers.keySet()))
              + ", or add it under caravan.providers in config/application.yaml.");
    }
    provider.check(name, providers.values());
    return provider;
  }
}

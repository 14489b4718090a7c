package io.caravan.flow.step;

import io.caravan.jsonl.split.PartFile;
import io.caravan.provider.Provider;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;

/** Finds requests that the embedded server cannot run without an upstream. */
@Component
class UpstreamNeed {
  private final Environment settings;

  UpstreamNeed(Environment settings) {
    this.settings = settings;
  }

  /** Why some requests cannot run, and what to do; empty if all can. */
  Optional<String> problem(Provider provider, List<PartFile> parts) {
    if (!isEmbedded(provider) || hasUpstream()) {
      return Optional.empty();
    }
    long all = parts.stream().mapToLong(PartFile::requests).sum();
    long without =
        parts.stream().filter(part -> !isBuiltIn(part)).mapToLong(PartFile::requests).sum();
    return without == 0
        ? Optional.empty()
        : Optional.of(
            "%d of %d requests need an upstream or another provider: the embedded server runs only /v1/embeddings with %s. Set CARAVAN_UPSTREAM_URL to an OpenAI-compatible server, or CARAVAN_PROVIDER."
                .formatted(without, all, model()));
  }

  /** Whether the provider is the embedded server of this process. */
  boolean isEmbedded(Provider provider) {
    URI url = provider.baseUrl();
    return provider.isFree()
        && settings.getProperty("caravan.server.enabled", Boolean.class, true)
        && "127.0.0.1".equals(url.getHost())
        && settings.getProperty("server.port", Integer.class, 0) == url.getPort();
  }

  /** Whether the embedded server has an upstream. */
  boolean hasUpstream() {
    return StringUtils.hasText(settings.getProperty("caravan.upstream.url"))
        || !Binder.get(settings)
            .bind("caravan.upstream.further", Bindable.mapOf(String.class, Map.class))
            .orElse(Map.of())
            .isEmpty();
  }

  /** The embedded server's built-in model. */
  String model() {
    return settings.getRequiredProperty("caravan.server.embedding-model");
  }

  private boolean isBuiltIn(PartFile part) {
    return part.endpoint().equals("/v1/embeddings") && part.model().equals(model());
  }
}

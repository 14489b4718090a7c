package io.caravan.provider;

import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** The dialects of the configured providers; one without a class is treated as OpenAI's. */
@Component
public class ProviderDialects {
  private static final Map<String, Dialect> DIALECTS =
      ServiceLoader.load(Dialect.class, Dialect.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .collect(Collectors.toUnmodifiableMap(Dialect::name, dialect -> dialect));

  private final Providers providers;

  /** The dialects of these providers. */
  public ProviderDialects(Providers providers) {
    this.providers = providers;
  }

  /** A provider's checks of a line beyond those of every provider. */
  public LineRule rule(String provider) {
    Provider known = providers.providers().get(provider);
    Dialect dialect = known == null ? null : DIALECTS.get(known.dialect());
    return known == null || dialect == null ? LineRule.NONE : dialect.rule(known);
  }

  /** How many tokens a provider counts for images and files, even if it has no key. */
  public MediaTokens mediaTokens(String provider) {
    Provider known = providers.providers().get(provider);
    Dialect dialect = known == null ? null : DIALECTS.get(known.dialect());
    return dialect == null ? MediaTokens.OPENAI : dialect.mediaTokens();
  }
}

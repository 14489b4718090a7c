package io.caravan.provider;

import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;

/**
 * What one provider API asks of requests. The class of each is named in {@code
 * META-INF/services/io.caravan.provider.Dialect}; its calls are routes of the same name.
 */
public interface Dialect {
  /** As the setting {@code dialect} of a provider names it, such as {@code anthropic}. */
  String name();

  /** What it requires of a line beyond what every dialect requires. */
  default LineRule rule(Provider provider) {
    return LineRule.NONE;
  }

  /** What it counts for images and files. */
  default MediaTokens mediaTokens() {
    return MediaTokens.OPENAI;
  }
}

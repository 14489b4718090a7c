package io.caravan.provider;

import io.caravan.jsonl.split.LineRule;
import io.caravan.jsonl.tokens.MediaTokens;

/**
 * The rules of one provider API for requests. {@code META-INF/services/io.caravan.provider.Dialect}
 * lists the implementations; their calls are routes of the same name.
 */
public interface Dialect {
  /** The value of a provider's setting {@code dialect}, such as {@code anthropic}. */
  String name();

  /** The checks of a line beyond those of every dialect. */
  default LineRule rule(Provider provider) {
    return LineRule.NONE;
  }

  /** How many tokens it counts for images and files. */
  default MediaTokens mediaTokens() {
    return MediaTokens.OPENAI;
  }

  /** How it takes requests outside of a batch. */
  default SingleCalls singleCalls() {
    return SingleCalls.OPENAI;
  }
}

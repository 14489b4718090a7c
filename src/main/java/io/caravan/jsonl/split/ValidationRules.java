package io.caravan.jsonl.split;

import java.util.Set;
import java.util.function.Predicate;

/**
 * The validation rules for a file of requests.
 *
 * @param endpoints allowed urls, such as {@code /v1/chat/completions}
 * @param maxRequests requests per file; the ones beyond it are refused
 * @param maxBytes bytes per file; a larger file is refused as a whole
 * @param maxLineBytes bytes per line
 * @param maxEmbeddingInputs inputs per embedding request
 * @param models accepts the allowed models
 * @param further rule for lines that pass all others
 */
public record ValidationRules(
    Set<String> endpoints,
    long maxRequests,
    long maxBytes,
    int maxLineBytes,
    int maxEmbeddingInputs,
    Predicate<String> models,
    LineRule further) {

  public ValidationRules {
    endpoints = Set.copyOf(endpoints);
  }

  public ValidationRules(
      Set<String> endpoints,
      long maxRequests,
      long maxBytes,
      int maxLineBytes,
      int maxEmbeddingInputs) {
    this(
        endpoints,
        maxRequests,
        maxBytes,
        maxLineBytes,
        maxEmbeddingInputs,
        any -> true,
        LineRule.NONE);
  }

  /** Lowers the limits so that each valid request fits into a part. */
  ValidationRules within(PartLimits limits) {
    return new ValidationRules(
        endpoints,
        maxRequests,
        maxBytes,
        (int) Math.min(maxLineBytes, limits.maxBytes() - 1),
        Math.min(maxEmbeddingInputs, limits.maxEmbeddingInputs()),
        models,
        further);
  }
}

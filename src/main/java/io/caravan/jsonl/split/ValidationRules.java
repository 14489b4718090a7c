package io.caravan.jsonl.split;

import java.util.Set;
import java.util.function.Predicate;

/**
 * What a file of requests has to keep to.
 *
 * @param endpoints urls that requests may name, such as {@code /v1/chat/completions}
 * @param maxRequests requests in a file; those past it are refused
 * @param maxBytes bytes of a file; a larger one is refused as a whole
 * @param maxLineBytes bytes of a line
 * @param maxEmbeddingInputs inputs of one request for embeddings
 * @param models those that may be asked
 * @param further asked for lines that keep to all the others
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

  /** A request that no part has room for is too large, whatever the rules say. */
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

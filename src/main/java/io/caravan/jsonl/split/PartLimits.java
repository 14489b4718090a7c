package io.caravan.jsonl.split;

import io.caravan.jsonl.tokens.MediaTokens;
import java.util.function.ToLongFunction;

/**
 * The limits of a part.
 *
 * @param maxRequests requests in a part
 * @param maxBytes bytes of a part, newlines included
 * @param maxEmbeddingInputs inputs of all embedding requests in a part
 * @param maxTokens estimated prompt tokens of a part, by model; a larger request gets its own part
 * @param media token figures for images and files
 */
public record PartLimits(
    int maxRequests,
    long maxBytes,
    int maxEmbeddingInputs,
    ToLongFunction<String> maxTokens,
    MediaTokens media) {
  public PartLimits {
    if (maxRequests < 1 || maxBytes < 2 || maxEmbeddingInputs < 1) {
      throw new IllegalArgumentException("A part must hold at least one request.");
    }
  }
}

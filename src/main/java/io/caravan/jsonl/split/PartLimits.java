package io.caravan.jsonl.split;

import io.caravan.jsonl.tokens.MediaTokens;
import java.util.function.ToLongFunction;

/**
 * How much one part may hold.
 *
 * @param maxRequests requests in a part
 * @param maxBytes bytes of a part, newlines counted
 * @param maxEmbeddingInputs inputs of all requests for embeddings in a part
 * @param maxTokens prompt tokens of a part as they are estimated, for each model; a request that is
 *     larger by itself goes alone
 * @param media what images and files are taken to have
 */
public record PartLimits(
    int maxRequests,
    long maxBytes,
    int maxEmbeddingInputs,
    ToLongFunction<String> maxTokens,
    MediaTokens media) {
  public PartLimits {
    if (maxRequests < 1 || maxBytes < 2 || maxEmbeddingInputs < 1) {
      throw new IllegalArgumentException("A part must have room for one request.");
    }
  }
}

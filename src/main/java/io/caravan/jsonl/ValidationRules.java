package io.caravan.jsonl;

import java.util.Set;

/**
 * What a file of requests has to keep to.
 *
 * @param endpoints urls that requests may name, such as {@code /v1/chat/completions}
 * @param maxRequests requests in a file; those past it are refused
 * @param maxBytes bytes of a file; a larger one is refused as a whole
 * @param maxLineBytes bytes of a line
 * @param oneModel whether all requests of a file name the same model
 * @param oneEndpoint whether all requests of a file name the same url
 */
public record ValidationRules(
    Set<String> endpoints,
    long maxRequests,
    long maxBytes,
    int maxLineBytes,
    boolean oneModel,
    boolean oneEndpoint) {

  public ValidationRules {
    endpoints = Set.copyOf(endpoints);
  }

  ValidationRules withMaxLineBytes(int bytes) {
    return new ValidationRules(endpoints, maxRequests, maxBytes, bytes, oneModel, oneEndpoint);
  }
}

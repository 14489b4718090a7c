package io.caravan.jsonl;

/**
 * How much one part may hold.
 *
 * @param maxRequests requests in a part
 * @param maxBytes bytes of a part, newlines counted
 */
public record PartLimits(int maxRequests, long maxBytes) {
  public PartLimits {
    if (maxRequests < 1 || maxBytes < 2) {
      throw new IllegalArgumentException("A part must have room for one request.");
    }
  }
}

package io.caravan.queue;

/**
 * What requests of one job have in common.
 *
 * @param client the client that owns them; empty without keys
 */
public record RequestGroup(
    String queue, String client, String provider, String endpoint, String model) {
  /** The key of its row. */
  public String id() {
    return Hashes.of(queue, client, provider, endpoint, model);
  }
}

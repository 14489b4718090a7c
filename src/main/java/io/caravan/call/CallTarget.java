package io.caravan.call;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * An upstream that calls go to.
 *
 * @param url of which scheme, host and port are used
 * @param host host and port, as in messages and headers
 * @param authorization the value of that header; null for none
 * @param minConcurrency minimum concurrency limit, however slow the answers are
 * @param maxConcurrency maximum number of requests in flight
 */
public record CallTarget(
    String name,
    URI url,
    String host,
    @Nullable String authorization,
    int minConcurrency,
    int maxConcurrency) {

  /** Never shows the key. */
  @Override
  public String toString() {
    return name + " at " + host;
  }
}

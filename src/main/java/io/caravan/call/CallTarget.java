package io.caravan.call;

import java.net.URI;
import java.util.Map;

/**
 * An upstream that calls go to.
 *
 * @param url of which scheme, host and port are used
 * @param host host and port, as in messages and headers
 * @param headers sent with each call, such as that of the key
 * @param minConcurrency minimum concurrency limit, however slow the answers are
 * @param maxConcurrency maximum number of requests in flight
 */
public record CallTarget(
    String name,
    URI url,
    String host,
    Map<String, String> headers,
    int minConcurrency,
    int maxConcurrency) {

  /** Never shows the headers, since one has the key. */
  @Override
  public String toString() {
    return name + " at " + host;
  }
}

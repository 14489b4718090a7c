package io.caravan.queue;

import java.net.URI;
import java.util.Locale;

/**
 * Where a client takes callbacks.
 *
 * @param client empty without keys
 */
public record CallbackEndpoint(String client, String url) {
  /** The key of its row. */
  public String id() {
    return Hashes.of(client, url);
  }

  /** The host of the URL, in lower case, without brackets. */
  public String host() {
    return host(URI.create(url));
  }

  /** The host of a URL, in lower case, without brackets. */
  public static String host(URI url) {
    return host(String.valueOf(url.getHost()));
  }

  /** The host in lower case, without brackets and the dot that may end it. */
  public static String host(String host) {
    return host.replaceAll("[\\[\\]]|\\.$", "").toLowerCase(Locale.ROOT);
  }

  /** What shares the workers: the client and the host. */
  public Lane lane() {
    return new Lane(client, host());
  }

  /** The callbacks of one client to one host. */
  public record Lane(String client, String host) {
    /** The lane of that column. */
    public static Lane of(String column) {
      int end = column.lastIndexOf('\n');
      return new Lane(column.substring(0, end), column.substring(end + 1));
    }

    /** Its column. */
    public String column() {
      return client + '\n' + host;
    }
  }
}

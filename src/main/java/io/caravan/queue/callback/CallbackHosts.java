package io.caravan.queue.callback;

import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.QueueSettings;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.DnsResolver;
import org.springframework.stereotype.Component;

/**
 * The hosts and addresses that callbacks may reach. Names are resolved here for each connection,
 * and the connection goes to the address that was checked.
 */
@Component
final class CallbackHosts implements DnsResolver {
  /** Further addresses of a host are not tried. */
  private static final int MOST_ADDRESSES = 4;

  private final Set<String> listed;

  CallbackHosts(QueueSettings settings) {
    this.listed =
        settings.callbackHosts().stream()
            .map(host -> CallbackEndpoint.host(host.strip()))
            .collect(Collectors.toSet());
  }

  /** Whether a URL names an address, or this machine, that is not public. */
  boolean isForbidden(URI url) {
    String host = CallbackEndpoint.host(url);
    if (listed.contains(host)) {
      return false;
    }
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return true;
    }
    boolean literal = host.contains(":") || host.matches("[0-9.]+");
    try {
      return literal && !PublicAddress.is(InetAddress.getByName(host));
    } catch (UnknownHostException e) {
      return true;
    }
  }

  /** The addresses of a host that may be called. */
  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    String name = CallbackEndpoint.host(host);
    InetAddress[] permitted =
        Arrays.stream(addresses(host))
            .filter(address -> listed.contains(name) || PublicAddress.is(address))
            .limit(MOST_ADDRESSES)
            .toArray(InetAddress[]::new);
    if (permitted.length == 0) {
      throw notPublic(name);
    }
    return permitted;
  }

  private static InetAddress[] addresses(String host) throws UnknownHostException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw notPublic(host);
    }
  }

  /** The same for names that are unknown, so that callbacks reveal no internal names. */
  private static UnknownHostException notPublic(String host) {
    return new UnknownHostException(
        "host %s has no public address; an operator can permit it by caravan.queue.callback-hosts"
            .formatted(host));
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }
}

package io.caravan.call;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The address of an upstream and the system proxy for it. The proxy is looked up once: the system
 * proxies are fixed at startup.
 */
record UpstreamAddress(String host, int port, boolean secure, Proxy way) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  static UpstreamAddress of(URI url) {
    boolean secure = "https".equalsIgnoreCase(url.getScheme());
    int usual = secure ? HTTPS : HTTP;
    String host = url.getHost();
    boolean bracketed = host.startsWith("[");
    return new UpstreamAddress(
        bracketed ? host.substring(1, host.length() - 1) : host,
        url.getPort() < 0 ? usual : url.getPort(),
        secure,
        ProxySelector.getDefault().select(url).getFirst());
  }

  /** All addresses of the host name, unresolved behind a proxy, which resolves it itself. */
  List<InetSocketAddress> resolve() throws UnknownHostException {
    return way.type() == Proxy.Type.DIRECT
        ? Stream.of(InetAddress.getAllByName(host))
            .map(address -> new InetSocketAddress(address, port))
            .toList()
        : List.of(InetSocketAddress.createUnresolved(host, port));
  }

  /** The handler that opens a tunnel through the proxy, if there is one. */
  Optional<ProxyHandler> proxy() {
    return switch (way.type()) {
      case DIRECT -> Optional.empty();
      case HTTP -> Optional.of(new HttpProxyHandler(proxyAddress()));
      case SOCKS -> Optional.of(new Socks5ProxyHandler(proxyAddress()));
    };
  }

  /** The proxy selector may return an unresolved address; this resolves it. */
  private InetSocketAddress proxyAddress() {
    var given = (InetSocketAddress) way.address();
    return given.isUnresolved()
        ? new InetSocketAddress(given.getHostString(), given.getPort())
        : given;
  }
}

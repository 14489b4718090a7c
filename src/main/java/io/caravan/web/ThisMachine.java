package io.caravan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** Detects requests that come from this machine and were not forwarded by a proxy. */
public final class ThisMachine {
  private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final List<String> PASSED_ON =
      List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via");

  private ThisMachine() {}

  /**
   * Whether a request came over loopback and names this machine as its host. Both addresses are
   * checked: the remote one may be set by a proxy, the local one is the connection's own.
   */
  public static boolean sent(HttpServletRequest request) {
    return isLoopback(request.getLocalAddr())
        && isLoopback(request.getRemoteAddr())
        && isName(name(request))
        && PASSED_ON.stream().allMatch(header -> request.getHeader(header) == null);
  }

  /** The host name in the request, without the port. */
  static String name(HttpServletRequest request) {
    return Objects.requireNonNullElse(request.getHeader("Host"), "")
        .replaceFirst(":\\d*$", "")
        .toLowerCase(Locale.ROOT);
  }

  /** Whether the name always means the local machine. */
  static boolean isName(String name) {
    return NAMES.contains(name);
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}

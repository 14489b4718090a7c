package io.caravan.server;

import io.caravan.client.ApiKeys;
import io.caravan.client.UnfitSettingsException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The startup check that a server without keys listens on loopback only, unless set otherwise. */
final class LoopbackWithoutKeys {
  private LoopbackWithoutKeys() {}

  /**
   * @param address where the web server listens; null for all addresses of the machine
   */
  static void check(@Nullable InetAddress address, ApiKeys keys, boolean open) {
    if (keys.none() && !open && (address == null || !address.isLoopbackAddress())) {
      throw new UnfitSettingsException(
          "The embedded batch server would be open to every machine that reaches %s, because it has no keys."
              .formatted(address == null ? "this one" : address.getHostAddress()),
          "Set keys (caravan.server.keys, see src/docs/embedded-server.md), listen on 127.0.0.1 (SERVER_ADDRESS), set "
              + "CARAVAN_SERVER_OPEN=true if everyone who reaches it may use it, or set CARAVAN_SERVER_ENABLED=false if it is not needed.");
    }
  }
}

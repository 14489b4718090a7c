package io.caravan.server;

import io.caravan.server.api.ApiKeys;
import io.caravan.server.settings.UnfitSettingsException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Keeps a server without keys from being reached by other machines unless somebody wants that. */
final class LoopbackWithoutKeys {
  private LoopbackWithoutKeys() {}

  /**
   * @param address where the web server listens; null for every address of the machine
   */
  static void check(@Nullable InetAddress address, ApiKeys keys, boolean open) {
    if (keys.none() && !open && (address == null || !address.isLoopbackAddress())) {
      throw new UnfitSettingsException(
          "The embedded batch server would be open to every machine that reaches %s, as it asks for no key."
              .formatted(address == null ? "this one" : address.getHostAddress()),
          "Give it keys (caravan.server.keys, see README.md), or listen at 127.0.0.1 (SERVER_ADDRESS), or set "
              + "CARAVAN_SERVER_OPEN=true when everybody who reaches it may use it, or CARAVAN_SERVER_ENABLED=false when nobody needs it.");
    }
  }
}

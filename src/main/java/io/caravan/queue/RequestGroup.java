package io.caravan.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What requests of one job have in common.
 *
 * @param client the client that owns them; empty without keys
 */
public record RequestGroup(
    String queue, String client, String provider, String endpoint, String model) {
  private static final int BYTES = 16;

  /** The key of its row. */
  public String id() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(String.join("\n", queue, client, provider, endpoint, model).getBytes(UTF_8));
      return HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

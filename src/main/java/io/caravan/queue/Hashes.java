package io.caravan.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Makes keys of rows from texts of any length. */
final class Hashes {
  private static final int BYTES = 16;

  private Hashes() {}

  static String of(String... texts) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(String.join("\n", texts).getBytes(UTF_8));
      return HexFormat.of().formatHex(hash, 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

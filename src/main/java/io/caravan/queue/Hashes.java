package io.caravan.queue;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, and keys of rows made with it from texts of any length. */
public final class Hashes {
  private static final int BYTES = 16;

  private Hashes() {}

  static String of(String... texts) {
    byte[] hash = sha256().digest(String.join("\n", texts).getBytes(UTF_8));
    return HexFormat.of().formatHex(hash, 0, BYTES);
  }

  /** A new digest. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

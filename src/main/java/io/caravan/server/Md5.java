package io.caravan.server;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksum that the Uploads API names; nothing else depends on it here. */
final class Md5 {
  private Md5() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}

package io.caravan.server.store;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The checksum that the Uploads API prescribes; used for nothing else. */
public final class Md5 {
  private Md5() {}

  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}

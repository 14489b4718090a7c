package io.caravan.job;

import java.security.SecureRandom;

/** Generates job ids: ten letters and digits, short enough for file names. */
public final class JobId {
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final SecureRandom RANDOM = new SecureRandom();

  private JobId() {}

  /** A new random id. */
  public static String next() {
    var id = new StringBuilder();
    RANDOM.ints(10, 0, LETTERS.length()).forEach(i -> id.append(LETTERS.charAt(i)));
    return id.toString();
  }
}

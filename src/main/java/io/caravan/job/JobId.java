package io.caravan.job;

import java.security.SecureRandom;

/** Makes ids of jobs: ten letters and digits, short enough to stand in a file's name. */
public final class JobId {
  private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final SecureRandom RANDOM = new SecureRandom();

  private JobId() {}

  /** An id that no job has. */
  public static String next() {
    var id = new StringBuilder();
    RANDOM.ints(10, 0, LETTERS.length()).forEach(i -> id.append(LETTERS.charAt(i)));
    return id.toString();
  }
}

package io.caravan.jsonl;

/** Prompt tokens as far as a size can tell: about four bytes each. */
public final class Tokens {
  private static final int BYTES = 4;

  private Tokens() {}

  /** What a file of this size may come to. */
  public static long ofBytes(long bytes) {
    return bytes / BYTES;
  }

  /** The largest file that is taken to have so many tokens. */
  public static long toBytes(long tokens) {
    return tokens > Long.MAX_VALUE / BYTES - 1 ? Long.MAX_VALUE : tokens * BYTES + BYTES - 1;
  }
}

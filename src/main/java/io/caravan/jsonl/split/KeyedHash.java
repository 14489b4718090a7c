package io.caravan.jsonl.split;

import java.security.SecureRandom;

/** SipHash-1-3 of custom_ids: collisions cannot be constructed without the key. */
final class KeyedHash implements CustomIdIndex.Hash {
  private final long key0;
  private final long key1;

  private KeyedHash(long key0, long key1) {
    this.key0 = key0;
    this.key1 = key1;
  }

  static KeyedHash random() {
    SecureRandom random = new SecureRandom();
    return new KeyedHash(random.nextLong(), random.nextLong());
  }

  @Override
  public long of(String id) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    int length = id.length();
    int words = length / 4 + 1;
    for (int round = 0; round < words + 3; round++) {
      long word = 0;
      if (round < words) {
        word = word(id, round * 4, length);
        v3 ^= word;
      } else if (round == words) {
        v2 ^= 0xff;
      }
      v0 += v1;
      v2 += v3;
      v1 = Long.rotateLeft(v1, 13) ^ v0;
      v3 = Long.rotateLeft(v3, 16) ^ v2;
      v0 = Long.rotateLeft(v0, 32);
      v2 += v1;
      v0 += v3;
      v1 = Long.rotateLeft(v1, 17) ^ v2;
      v3 = Long.rotateLeft(v3, 21) ^ v0;
      v2 = Long.rotateLeft(v2, 32);
      v0 ^= word;
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }

  /** Four characters, or the last ones with the length on top, so that different ids differ. */
  private static long word(String id, int from, int length) {
    if (from + 4 <= length) {
      return id.charAt(from)
          | (long) id.charAt(from + 1) << 16
          | (long) id.charAt(from + 2) << 32
          | (long) id.charAt(from + 3) << 48;
    }
    long word = (long) length << 48;
    for (int i = from; i < length; i++) {
      word |= (long) id.charAt(i) << (16 * (i - from));
    }
    return word;
  }
}

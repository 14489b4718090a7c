package io.caravan.jsonl;

import java.io.IOException;

/** Finds requests by custom_id; holds hashes only, and reads the id back before it says yes. */
final class CustomIdIndex {
  static final int ABSENT = -1;

  /** Reads an id back from where it stands. */
  interface Ids {
    String at(int ordinal) throws IOException;
  }

  interface Hash {
    long of(String id);
  }

  private static final int MAX_SLOTS = 1 << 30;

  private final Ids ids;
  private final Hash hash;
  private long[] hashes;
  private int[] ordinals; // plus one: 0 is a free slot
  private int size;

  CustomIdIndex(Ids ids, long expected) {
    this(ids, expected, KeyedHash.random());
  }

  CustomIdIndex(Ids ids, long expected, Hash hash) {
    this.ids = ids;
    this.hash = hash;
    long wanted = Math.max(1 << 10, expected * 4 / 3 + 1);
    int slots = wanted >= MAX_SLOTS ? MAX_SLOTS : Integer.highestOneBit((int) wanted - 1) * 2;
    hashes = new long[slots];
    ordinals = new int[slots];
  }

  /** Adds an id; when it is there already, nothing changes and the ordinal it has is returned. */
  int add(String id, int ordinal) throws IOException {
    if (size >= hashes.length / 4 * 3) {
      grow();
    }
    long code = hash.of(id);
    int slot = slotOf(id, code);
    if (ordinals[slot] != 0) {
      return ordinals[slot] - 1;
    }
    put(slot, code, ordinal + 1);
    size++;
    return ABSENT;
  }

  int find(String id) throws IOException {
    return ordinals[slotOf(id, hash.of(id))] - 1;
  }

  int size() {
    return size;
  }

  private int slotOf(String id, long code) throws IOException {
    int slot = firstSlot(code);
    while (ordinals[slot] != 0
        && !(hashes[slot] == code && ids.at(ordinals[slot] - 1).equals(id))) {
      slot = after(slot);
    }
    return slot;
  }

  private int firstSlot(long code) {
    return (int) code & (hashes.length - 1);
  }

  private int after(int slot) {
    return (slot + 1) & (hashes.length - 1);
  }

  private void put(int slot, long code, int ordinal) {
    hashes[slot] = code;
    ordinals[slot] = ordinal;
  }

  private void grow() {
    if (hashes.length == MAX_SLOTS) {
      throw new IllegalStateException(
          "A file holds at most %s custom_ids. Cut it into smaller files."
              .formatted(Quote.number(size)));
    }
    long[] oldHashes = hashes;
    int[] oldOrdinals = ordinals;
    hashes = new long[oldHashes.length * 2];
    ordinals = new int[oldHashes.length * 2];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldOrdinals[i] != 0) {
        int slot = firstSlot(oldHashes[i]);
        while (ordinals[slot] != 0) {
          slot = after(slot);
        }
        put(slot, oldHashes[i], oldOrdinals[i]);
      }
    }
  }
}

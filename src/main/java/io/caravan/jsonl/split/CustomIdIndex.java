package io.caravan.jsonl.split;

import java.io.IOException;

/**
 * A hash index from custom_ids to places. It stores only a part of each hash, so it reads the id
 * back before it reports a match.
 *
 * <p>Each entry takes eight bytes, in many small tables that grow one by one and by a quarter: 10
 * to 12.5 bytes per id, and never a second copy of the whole index.
 */
public final class CustomIdIndex {
  public static final long ABSENT = -1;

  /** Reads an id back from its place. */
  public interface Ids {
    String at(long place) throws IOException;
  }

  interface Hash {
    long of(String id);
  }

  private static final int TABLE_BITS = 10;
  private static final int TAG_BITS = 24;
  private static final int PLACE_BITS = Long.SIZE - TAG_BITS;
  private static final long MAX_PLACE = (1L << PLACE_BITS) - 2;
  private static final int SMALLEST = 16;

  private final Ids ids;
  private final Hash hash;
  private final long[][] tables = new long[1 << TABLE_BITS][]; // tag and place plus one; 0 is free
  private final int[] sizes = new int[1 << TABLE_BITS];

  public CustomIdIndex(Ids ids, long expected) {
    this(ids, expected, KeyedHash.random());
  }

  public CustomIdIndex(Ids ids, long expected, Hash hash) {
    this.ids = ids;
    this.hash = hash;
    int slots = (int) Math.max(SMALLEST, (expected >> TABLE_BITS) * 4 / 3);
    for (int table = 0; table < tables.length; table++) {
      tables[table] = new long[slots];
    }
  }

  /** Adds an id and returns {@link #ABSENT}, or the place of the id if it is already there. */
  public long add(String id, long place) throws IOException {
    if (place > MAX_PLACE) {
      throw new IllegalArgumentException("A file of requests can have at most one terabyte.");
    }
    long code = hash.of(id);
    int table = tableOf(code);
    long tag = tagOf(code);
    int slot = slotOf(id, tables[table], tag);
    if (tables[table][slot] != 0) {
      return placeOf(tables[table][slot]);
    }
    tables[table][slot] = tag << PLACE_BITS | (place + 1);
    sizes[table]++;
    if (sizes[table] > tables[table].length / 5 * 4) {
      tables[table] = grown(tables[table]);
    }
    return ABSENT;
  }

  /** The place of the id, or {@link #ABSENT}. */
  public long find(String id) throws IOException {
    long code = hash.of(id);
    long[] table = tables[tableOf(code)];
    return placeOf(table[slotOf(id, table, tagOf(code))]);
  }

  /** The slot of the id, or the free slot where it belongs. */
  private int slotOf(String id, long[] table, long tag) throws IOException {
    int slot = firstSlot(tag, table);
    while (table[slot] != 0
        && !(table[slot] >>> PLACE_BITS == tag && ids.at(placeOf(table[slot])).equals(id))) {
      slot = after(slot, table);
    }
    return slot;
  }

  private static long[] grown(long[] table) {
    long[] larger = new long[table.length + table.length / 4];
    for (long entry : table) {
      if (entry != 0) {
        int slot = firstSlot(entry >>> PLACE_BITS, larger);
        while (larger[slot] != 0) {
          slot = after(slot, larger);
        }
        larger[slot] = entry;
      }
    }
    return larger;
  }

  private static int tableOf(long code) {
    return (int) (code >>> (Long.SIZE - TABLE_BITS));
  }

  private static long tagOf(long code) {
    return code & ((1L << TAG_BITS) - 1);
  }

  /** Distributes tags evenly over any number of slots. */
  private static int firstSlot(long tag, long[] table) {
    return (int) ((tag * table.length) >>> TAG_BITS);
  }

  private static int after(int slot, long[] table) {
    return slot + 1 == table.length ? 0 : slot + 1;
  }

  private static long placeOf(long entry) {
    return (entry & ((1L << PLACE_BITS) - 1)) - 1;
  }
}

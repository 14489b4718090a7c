package io.caravan.jsonl;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Stores a long and an int per request, in blocks, so that growing copies nothing. */
public final class RequestPositions {
  private static final int ROW = Long.BYTES + Integer.BYTES;
  private static final int ROWS = 1 << 12;

  private final List<ByteBuffer> blocks = new ArrayList<>();

  public void set(int row, long first, int second) {
    while (row / ROWS >= blocks.size()) {
      blocks.add(ByteBuffer.allocate(ROW * ROWS));
    }
    block(row).putLong(at(row), first).putInt(at(row) + Long.BYTES, second);
  }

  /** The long of a row; 0 if not set. */
  public long first(int row) {
    return isSet(row) ? block(row).getLong(at(row)) : 0;
  }

  public int second(int row) {
    return isSet(row) ? block(row).getInt(at(row) + Long.BYTES) : 0;
  }

  private boolean isSet(int row) {
    return row / ROWS < blocks.size();
  }

  private ByteBuffer block(int row) {
    return blocks.get(row / ROWS);
  }

  private static int at(int row) {
    return row % ROWS * ROW;
  }
}

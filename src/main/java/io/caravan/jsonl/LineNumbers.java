package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Maps offsets in a file to line numbers: stores one line number per 16 KB and counts newlines from
 * there.
 */
public final class LineNumbers implements Closeable {
  private static final int SPACING = 1 << 14;

  private final FileWindow file;
  private final RequestPositions known = new RequestPositions(); // offset, line
  private int count;

  private LineNumbers(FileWindow file) {
    this.file = file;
  }

  public static LineNumbers open(Path file) throws IOException {
    return new LineNumbers(FileWindow.open(file));
  }

  /** Records an offset inside a line; offsets must increase. */
  public void note(long offset, long line) {
    if (count == 0 || offset - known.first(count - 1) >= SPACING) {
      known.set(count, offset, Math.toIntExact(line));
      count++;
    }
  }

  /** The line of an offset that was recorded. */
  public long at(long offset) throws IOException {
    int nearest = lastNotAfter(offset);
    long from = known.first(nearest);
    ByteBuffer bytes = file.at(from, (int) (offset - from));
    int line = known.second(nearest);
    int at = bytes.arrayOffset() + bytes.position();
    int end = at + bytes.remaining();
    while (true) {
      at = ByteScan.newline(bytes.array(), at, end) + 1;
      if (at == 0) {
        return line;
      }
      line++;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private int lastNotAfter(long offset) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (known.first(middle) <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}

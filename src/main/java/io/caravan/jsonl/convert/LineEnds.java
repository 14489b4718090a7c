package io.caravan.jsonl.convert;

import java.io.IOException;
import java.io.OutputStream;

/**
 * An output stream that normalises line endings: if the first lines end with a lone carriage
 * return, as written by old Mac programs and some spreadsheets, each such ending becomes a newline.
 */
final class LineEnds extends OutputStream {
  private final OutputStream out;
  private boolean begun;
  private boolean replaces;
  private boolean held;

  /** The first write decides whether line endings are replaced. */
  LineEnds(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] piece, int from, int count) throws IOException {
    if (!begun && count > 0) {
      begun = true;
      replaces = endsWithReturns(piece, from, count);
    }
    if (!replaces) {
      out.write(piece, from, count);
      return;
    }
    byte[] replaced = new byte[count + 1];
    int length = 0;
    for (int i = from; i < from + count; i++) {
      if (held) {
        replaced[length++] = (byte) (piece[i] == '\n' ? '\r' : '\n');
      }
      held = piece[i] == '\r';
      if (!held) {
        replaced[length++] = piece[i];
      }
    }
    out.write(replaced, 0, length);
  }

  /** Writes the rest, without closing the underlying stream. */
  @Override
  public void close() throws IOException {
    if (held) {
      out.write('\n');
    }
  }

  /** Whether the first and most other lines end with a lone return; cells may contain both. */
  private static boolean endsWithReturns(byte[] piece, int from, int count) {
    int newlines = 0;
    int returns = 0;
    boolean first = false;
    for (int i = from; i < from + count - 1; i++) { // a newline may follow the last byte
      if (piece[i] == '\n') {
        newlines++;
      } else if (piece[i] == '\r' && piece[i + 1] != '\n') {
        first |= newlines == 0;
        returns++;
      }
    }
    return first && returns > newlines;
  }
}

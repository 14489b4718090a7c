package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads a stream line by line; the current line is a range of a reused buffer. */
public final class LineReader implements Closeable {
  /** Maximum length of a line in a results file: answers may contain images. */
  public static final int LONGEST_ANSWER = 1 << 26;

  private static final int READ = 1 << 18;
  private static final int MARK = 3;
  private static final int SPARE = MARK + 2; // byte-order mark, carriage return, newline

  private final InputStream in;
  private final int maximum;
  private final int limit;
  private byte[] buffer = new byte[READ];
  private int next;
  private int end;
  private long base;

  private long number;
  private long offset;
  private int start;
  private long length;
  private boolean marked;
  private boolean ended;

  /**
   * Starts before the first line.
   *
   * @param maximum bytes of a line; of a longer line only the length is kept
   */
  public LineReader(InputStream in, int maximum) {
    this.in = in;
    this.maximum = Math.min(maximum, Integer.MAX_VALUE - 64);
    this.limit = Math.max(READ, this.maximum + SPARE);
  }

  /** Advances to the next line; false at the end of the file. */
  public boolean next() throws IOException {
    start = next;
    int scanned = start;
    while (true) {
      int newline = ByteScan.newline(buffer, scanned, end);
      if (newline >= 0) {
        next = newline + 1;
        ended = true;
        return found(newline);
      }
      if (end - start >= maximum + SPARE) {
        return skipRest();
      }
      scanned = end - start;
      boolean more = fill();
      scanned += start;
      if (!more) {
        next = end;
        ended = false;
        return start < end && found(end);
      }
    }
  }

  /** Line number, starting at 1. */
  public long number() {
    return number;
  }

  /** Offset of the line in the file, after its byte-order mark. */
  public long offset() {
    return offset;
  }

  /** Length in bytes without the line ending, even if the line is too long. */
  public long length() {
    return length;
  }

  /** Whether the line is longer than the maximum; its content is then not available. */
  public boolean isTooLong() {
    return length > maximum;
  }

  /** Whether a byte-order mark preceded the line; concatenated files have some inside. */
  public boolean isMarked() {
    return marked;
  }

  /** Whether the line ends with a newline; only the last line may not. */
  public boolean isEnded() {
    return ended;
  }

  /** Whether the line is empty or only white space. */
  public boolean isBlank() {
    if (isTooLong()) {
      return false;
    }
    for (int i = start; i < start + length; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /** The buffer with the line at {@link #start}, valid until the next call of {@link #next}. */
  public byte[] buffer() {
    return buffer;
  }

  /** Offset of the line in the buffer. */
  public int start() {
    return start;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private boolean found(int to) {
    begin(to);
    length = (long) withoutReturn(to) - start;
    return true;
  }

  private void begin(int to) {
    number++;
    marked =
        to - start >= MARK
            && buffer[start] == (byte) 0xef
            && buffer[start + 1] == (byte) 0xbb
            && buffer[start + 2] == (byte) 0xbf;
    if (marked) {
      start += MARK;
    }
    offset = base + start;
  }

  private int withoutReturn(int to) {
    return to > start && buffer[to - 1] == '\r' ? to - 1 : to;
  }

  private boolean skipRest() throws IOException {
    begin(end);
    long skipped = (long) end - start;
    int newline = -1;
    boolean endsInReturn = buffer[end - 1] == '\r';
    while (newline < 0) {
      base += end;
      end = Math.max(0, in.read(buffer, 0, buffer.length));
      newline = end == 0 ? 0 : ByteScan.newline(buffer, 0, end);
      int stop = newline < 0 ? end : newline;
      skipped += stop;
      endsInReturn = stop == 0 ? endsInReturn : buffer[stop - 1] == '\r';
    }
    next = Math.min(end, newline + 1);
    ended = end > 0;
    start = 0;
    length = endsInReturn ? skipped - 1 : skipped;
    return true;
  }

  private boolean fill() throws IOException {
    if (end == buffer.length) {
      makeRoom();
    }
    int read = in.read(buffer, end, buffer.length - end);
    end += Math.max(0, read);
    return read >= 0;
  }

  private void makeRoom() {
    if (start == 0) {
      buffer = Arrays.copyOf(buffer, (int) Math.min(limit, buffer.length * 2L));
    } else {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      base += start;
      end -= start;
      start = 0;
    }
  }
}

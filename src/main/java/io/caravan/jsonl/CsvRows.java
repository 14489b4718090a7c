package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table row by row (RFC 4180), knows the line on which each begins, and keeps no row that
 * is longer than allowed: a broken one costs itself alone.
 */
final class CsvRows implements Closeable {
  private static final int READ = 1 << 16;
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private enum State {
    START,
    PLAIN,
    QUOTED,
    AFTER_QUOTE
  }

  private final InputStream in;
  private final int maximum;
  private final byte[] buffer = new byte[READ];
  private int at;
  private int end;
  private byte separator = ',';
  private long here = 1;

  private byte[] row = new byte[256];
  private final List<Integer> ends = new ArrayList<>();
  private long length;
  private long line;
  private boolean quoted;
  private State state = State.START;
  private @Nullable LineProblem problem;

  CsvRows(InputStream in, int maximum) throws IOException {
    this.in = in;
    this.maximum = maximum;
    end = Math.max(0, in.readNBytes(buffer, 0, READ));
    if (end >= MARK.length && Arrays.equals(buffer, 0, MARK.length, MARK, 0, MARK.length)) {
      at = MARK.length;
    }
    separator = mostFrequent();
  }

  /** Goes to the next row; false at the end of the file. */
  boolean next() throws IOException {
    ends.clear();
    length = 0;
    line = here;
    quoted = false;
    problem = null;
    state = State.START;
    for (int next = read(); next >= 0; next = read()) {
      if (next == '\n') {
        here++;
      }
      if (next == '\n' && state != State.QUOTED) {
        endRow();
        return true;
      }
      take((byte) next);
    }
    if (state == State.START && ends.isEmpty()) {
      return false;
    }
    if (state == State.QUOTED) {
      bad("a quote is opened and never closed. Close it, or double it where it is meant.");
    }
    endRow();
    return true;
  }

  /** On which the row begins. */
  long line() {
    return line;
  }

  boolean isBlank() {
    return !quoted && ends.size() == 1 && cells().getFirst().isBlank();
  }

  /** Why the row cannot be used; null when it can. */
  @Nullable LineProblem problem() {
    if (length > maximum) {
      return new LineProblem(
          "line_too_long",
          "the row has %s bytes, more than the maximum of %s. Shorten it."
              .formatted(Quote.number(length), Quote.number(maximum)),
          null);
    }
    if (problem == null && !ByteScan.isUtf8(row, 0, (int) length)) {
      return new LineProblem("invalid_utf8", "the row is not UTF-8. Save the file as UTF-8.", null);
    }
    return problem;
  }

  List<String> cells() {
    var cells = new ArrayList<String>(ends.size());
    int from = 0;
    for (int to : ends) {
      cells.add(new String(row, from, to - from, StandardCharsets.UTF_8));
      from = to;
    }
    return cells;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void take(byte next) {
    if (state == State.QUOTED) {
      if (next == '"') {
        state = State.AFTER_QUOTE;
      } else {
        keep(next);
      }
    } else if (next == separator) {
      endCell();
      state = State.START;
    } else if (next == '"' && state == State.START) {
      quoted = true;
      state = State.QUOTED;
    } else if (state == State.AFTER_QUOTE) {
      afterQuote(next);
    } else {
      keep(next);
      state = State.PLAIN;
    }
  }

  private void afterQuote(byte next) {
    if (next == '"') {
      keep(next);
      state = State.QUOTED;
    } else if (next != '\r' && next != ' ') {
      bad("a cell goes on after its closing quote. Double the quotes inside of it.");
      state = State.PLAIN;
    }
  }

  private void endRow() {
    if (state == State.PLAIN && length > 0 && length <= maximum && row[(int) length - 1] == '\r') {
      length--;
    }
    endCell();
  }

  private void endCell() {
    ends.add((int) Math.min(length, maximum));
  }

  private void keep(byte next) {
    if (length < maximum) {
      if (length == row.length) {
        row = Arrays.copyOf(row, (int) Math.min(maximum, row.length * 2L));
      }
      row[(int) length] = next;
    }
    length++;
  }

  private void bad(String message) {
    problem = new LineProblem("invalid_row", message, null);
  }

  private int read() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, in.read(buffer));
    }
    return at < end ? buffer[at++] & 0xff : -1;
  }

  /** Spreadsheets of some countries separate by semicolons; the header tells. */
  private byte mostFrequent() {
    byte best = ',';
    int most = 0;
    for (byte candidate : new byte[] {',', ';', '\t'}) {
      int count = 0;
      boolean inside = false;
      for (int i = at; i < end && (inside || buffer[i] != '\n'); i++) {
        inside ^= buffer[i] == '"';
        count += !inside && buffer[i] == candidate ? 1 : 0;
      }
      if (count > most) {
        most = count;
        best = candidate;
      }
    }
    return best;
  }
}

package io.caravan.jsonl.convert;

import io.caravan.jsonl.LineProblem;
import io.caravan.jsonl.NoText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A CSV reader (RFC 4180) that reports the first line of each row and limits the length of rows. A
 * broken row is reported without affecting others: after a broken quote, parsing resumes at the
 * next line.
 */
final class CsvRows implements Closeable {
  private static final int READ = 1 << 16;
  private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  /** Excel's line that names the separator; not a row. */
  private static final Pattern HINT =
      Pattern.compile("(?i)\"?sep=([\\p{Punct}\\t ])\"?\\r?\\n[\\s\\S]*");

  private static final int LONGEST_HINT = 16;
  private static final long NOWHERE = -1;

  private enum State {
    START,
    PLAIN,
    QUOTED,
    AFTER_QUOTE
  }

  private final SeekableByteChannel in;
  private final int maximum;
  private final byte[] buffer = new byte[READ];
  private long base;
  private int at;
  private int end;
  private byte separator;
  private long here = 1;

  private final byte[] one = new byte[1];
  private byte[] row = new byte[256];
  private final List<Integer> ends = new ArrayList<>();
  private long length;
  private long line;
  private boolean quoted;
  private State state = State.START;
  private @Nullable LineProblem problem;

  /** Offset of the second line of a row that spans several lines. */
  private long secondLine = NOWHERE;

  /** Set after a broken quote: a quote inside a cell may then be its other end. */
  private boolean wary;

  CsvRows(Path file, int maximum) throws IOException {
    this.in = Files.newByteChannel(file);
    this.maximum = maximum;
    fill();
    if (end >= MARK.length && Arrays.equals(buffer, 0, MARK.length, MARK, 0, MARK.length)) {
      at = MARK.length;
    }
    separator = hinted();
    if (separator == 0) {
      separator = mostFrequent();
    }
  }

  /** Advances to the next row; false at the end of the file. */
  boolean next() throws IOException {
    ends.clear();
    length = 0;
    line = here;
    quoted = false;
    problem = null;
    secondLine = NOWHERE;
    state = State.START;
    while (true) {
      takeAll();
      int next = read();
      if (next < 0) {
        break;
      }
      if (next == '\n') {
        here++;
        if (state != State.QUOTED) {
          endRow();
          return true;
        }
        secondLine = secondLine == NOWHERE ? base + at : secondLine;
      }
      take((byte) next);
      if (problem != null) {
        leave();
        return true;
      }
    }
    if (state == State.START && ends.isEmpty()) {
      return false;
    }
    if (state == State.QUOTED) {
      bad("a quote is opened and never closed. Close it, or double it if it is part of the text.");
      leave();
    } else {
      endRow();
    }
    return true;
  }

  /** The number of the first line of the row. */
  long line() {
    return line;
  }

  /** Whether all cells are empty; spreadsheets write such rows below a table. */
  boolean isBlank() {
    if (quoted || length > maximum) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (row[i] != ' ' && row[i] != '\t' && row[i] != '\r') {
        return false;
      }
    }
    return true;
  }

  /** Why the row cannot be used; null if it can. */
  @Nullable LineProblem problem() {
    if (problem != null) {
      return problem;
    }
    if (length > maximum) {
      return LineProblem.tooLong("row", length, maximum);
    }
    return NoText.problem("row", row, 0, (int) length);
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

  /** Consumes the content of a cell up to the next character with a meaning. */
  private void takeAll() {
    int to = at;
    if (state == State.QUOTED) {
      while (to < end && buffer[to] != '"' && buffer[to] != '\n') {
        to++;
      }
    } else if (state == State.PLAIN) {
      while (to < end
          && buffer[to] != separator
          && buffer[to] != '\n'
          && (buffer[to] != '"' || !wary)) {
        to++;
      }
    }
    keep(buffer, at, to - at);
    at = to;
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
    } else if (next == '"' && wary) {
      bad(
          "a quote is inside a cell, and the quotes of an earlier row are broken. Quote the cell, and double the quotes inside it.");
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
      bad(
          here == line
              ? "a cell continues after its closing quote. Double the quotes inside it."
              : "a quote is opened, and the next one, on line %s, does not end a cell. Close it, or double it if it is part of the text."
                  .formatted(here));
    }
  }

  /** Skips the first line of a broken row; the next line starts a row again. */
  private void leave() throws IOException {
    wary = true;
    if (secondLine == NOWHERE) {
      for (int next = read(); next >= 0 && next != '\n'; next = read()) {}
    } else {
      goTo(secondLine);
    }
    here = line + 1;
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
    one[0] = next;
    keep(one, 0, 1);
  }

  private void keep(byte[] bytes, int from, int count) {
    int kept = (int) Math.min(count, Math.max(0, maximum - length));
    if (kept > 0) {
      if (kept > row.length - length) {
        row = Arrays.copyOf(row, (int) Math.min(maximum, Math.max(length + kept, row.length * 2L)));
      }
      System.arraycopy(bytes, from, row, (int) length, kept);
    }
    length += count;
  }

  private void bad(String message) {
    problem = new LineProblem("invalid_row", message, null);
  }

  private int read() throws IOException {
    if (at == end) {
      fill();
    }
    return at < end ? buffer[at++] & 0xff : -1;
  }

  /** Replaces the buffer with the next bytes of the file. */
  private void fill() throws IOException {
    base += end;
    ByteBuffer free = ByteBuffer.wrap(buffer);
    while (free.hasRemaining() && in.read(free) >= 0) {}
    at = 0;
    end = free.position();
  }

  private void goTo(long place) throws IOException {
    if (place >= base && place <= base + end) {
      at = (int) (place - base);
    } else {
      in.position(place);
      base = place;
      at = 0;
      end = 0;
    }
  }

  /** The separator from Excel's {@code sep=} line; 0 if there is none. */
  private byte hinted() {
    String start =
        new String(buffer, at, Math.min(LONGEST_HINT, end - at), StandardCharsets.ISO_8859_1);
    Matcher hint = HINT.matcher(start);
    if (!hint.matches() || hint.group(1).equals("\"")) {
      return 0;
    }
    at += start.indexOf('\n') + 1;
    here++;
    return (byte) hint.group(1).charAt(0);
  }

  /** Detects the separator from the header: some locales use semicolons. */
  private byte mostFrequent() {
    int from = at;
    while (from < end && (buffer[from] == '\n' || buffer[from] == '\r')) {
      from++;
    }
    byte best = ',';
    int most = 0;
    for (byte candidate : new byte[] {',', ';', '\t'}) {
      int count = 0;
      boolean inside = false;
      for (int i = from; i < end && (inside || buffer[i] != '\n'); i++) {
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

package bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads the custom_ids of generated lines, which begin with them. */
final class Ids {
  private static final int ID = "{\"custom_id\": \"".length();

  private final InputStream in;
  private long left;
  private byte[] buffer = new byte[1 << 18];
  private int at;
  private int end;

  Ids(InputStream in, long length) {
    this.in = in;
    this.left = length;
  }

  /** The next line's id, or null. */
  String next() throws IOException {
    int scanned = at;
    while (true) {
      for (int i = scanned; i < end; i++) {
        if (buffer[i] == '\n') {
          String id = id(at);
          at = i + 1;
          return id;
        }
      }
      scanned = end - at;
      if (!fill()) {
        return null;
      }
      scanned += at;
    }
  }

  private String id(int line) {
    int from = line + ID;
    int to = from;
    while (buffer[to] != '"') {
      to++;
    }
    return new String(buffer, from, to - from, StandardCharsets.US_ASCII);
  }

  private boolean fill() throws IOException {
    System.arraycopy(buffer, at, buffer, 0, end - at);
    end -= at;
    at = 0;
    if (end == buffer.length) {
      buffer = java.util.Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, end, (int) Math.min(buffer.length - end, left));
    if (read <= 0) {
      return false;
    }
    end += read;
    left -= read;
    return true;
  }
}

package io.caravan.server;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a file line by line, and no more of a line than may be held in memory. */
final class LineReader implements Closeable {
  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int filled;
  private int number;
  private long position;

  LineReader(Path file, int maxBytes) throws IOException {
    this.in = new FileInputStream(file.toFile());
    this.maxBytes = maxBytes;
  }

  /** The next line, blank ones included; null at the end of the file. */
  @Nullable Line next() throws IOException {
    var bytes = new ByteArrayOutputStream(256);
    long start = position;
    int b = read();
    while (b >= 0 && b != '\n') {
      if (bytes.size() <= maxBytes) {
        bytes.write(b);
      }
      b = read();
    }
    if (position == start) {
      return null;
    }
    number++;
    return line(bytes, b == '\n');
  }

  private Line line(ByteArrayOutputStream bytes, boolean terminated) {
    if (bytes.size() > maxBytes) {
      return new Line(
          number, "", "is longer than %d bytes".formatted(maxBytes), terminated, position);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString();
      return new Line(number, text, null, terminated, position);
    } catch (CharacterCodingException e) {
      return new Line(number, "", "is not UTF-8", terminated, position);
    }
  }

  private int read() throws IOException {
    if (next == filled) {
      filled = Math.max(0, in.read(buffer));
      next = 0;
    }
    if (filled == 0) {
      return -1;
    }
    position++;
    return buffer[next++] & 0xff;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /**
   * One line.
   *
   * @param fault why the text is not there
   * @param terminated whether a line feed ends it
   * @param end the position in the file behind it
   */
  record Line(int number, String text, @Nullable String fault, boolean terminated, long end) {
    boolean blank() {
      return fault == null && text.isBlank();
    }
  }
}

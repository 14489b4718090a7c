package io.caravan.server.wire;

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

/** Reads a file line by line, with a size limit per line. */
public final class BoundedLineReader implements Closeable {
  private final InputStream in;
  private final int maxBytes;
  private final byte[] buffer = new byte[1 << 16];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
  private int next;
  private int filled;
  private int number;
  private long position;

  public BoundedLineReader(Path file, int maxBytes) throws IOException {
    this.in = new FileInputStream(file.toFile());
    this.maxBytes = maxBytes;
  }

  /** Returns the next line, which may be blank; null at the end of the file. */
  public @Nullable Line next() throws IOException {
    long start = position;
    line.reset();
    boolean terminated = false;
    while (!terminated && fill()) {
      int end = next;
      while (end < filled && buffer[end] != '\n') {
        end++;
      }
      terminated = end < filled;
      line.write(buffer, next, Math.min(end - next, Math.max(0, maxBytes + 1 - line.size())));
      position += end - next + (terminated ? 1 : 0);
      next = terminated ? end + 1 : end;
    }
    if (position == start) {
      return null;
    }
    number++;
    return line(start, terminated);
  }

  /** Refills the buffer if needed; returns false at the end of the file. */
  private boolean fill() throws IOException {
    if (next == filled) {
      filled = Math.max(0, in.read(buffer));
      next = 0;
    }
    return filled > 0;
  }

  private Line line(long start, boolean terminated) {
    if (line.size() > maxBytes) {
      return new Line(
          number, "", "is longer than %d bytes".formatted(maxBytes), terminated, start, position);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(line.toByteArray()))
              .toString();
      return new Line(number, text, null, terminated, start, position);
    } catch (CharacterCodingException e) {
      return new Line(number, "", "is not UTF-8", terminated, start, position);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /**
   * One line.
   *
   * @param fault why the text could not be read; null if it could
   * @param terminated whether it ends with a line feed
   * @param start the position of its first byte in the file
   * @param end the position after its last byte
   */
  public record Line(
      int number, String text, @Nullable String fault, boolean terminated, long start, long end) {
    public boolean blank() {
      return fault == null && text.isBlank();
    }
  }
}

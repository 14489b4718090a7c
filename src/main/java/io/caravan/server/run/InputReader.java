package io.caravan.server.run;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A thread-safe reader of a validated input file; returns each request once. */
final class InputReader implements Closeable {
  private static final int WINDOW = 16 << 10;

  private final FileChannel file;
  private final InputOrder order;
  private volatile Window window = new Window(0, new byte[0]);
  private final AtomicInteger next = new AtomicInteger();

  InputReader(Path input, InputOrder order) throws IOException {
    this.file = FileChannel.open(input, StandardOpenOption.READ);
    this.order = order;
  }

  /** Returns null after the last request. */
  @Nullable Request next() throws IOException {
    int index = next.getAndIncrement();
    return index < order.size() ? read(order.start(index), order.length(index)) : null;
  }

  /** The number of requests not yet returned. */
  int left() {
    return Math.max(0, order.size() - next.get());
  }

  /** Reads a window of the file, which serves the following lines, too. */
  private Request read(long start, int length) throws IOException {
    Window seen = window;
    if (!seen.has(start, length)) {
      seen = new Window(start, bytes(start, Math.max(length, WINDOW)));
      window = seen;
    }
    return Request.parse(seen.copy(start, length));
  }

  private byte[] bytes(long start, int most) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(most, file.size() - start));
    while (bytes.hasRemaining()) {
      if (file.read(bytes, start + bytes.position()) < 0) {
        throw new EOFException("the input file is shorter than it was");
      }
    }
    return bytes.array();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Window(long start, byte[] bytes) {
    boolean has(long from, int length) {
      return from >= start && from + length <= start + bytes.length;
    }

    byte[] copy(long from, int length) throws EOFException {
      if (!has(from, length)) {
        throw new EOFException("the input file is shorter than it was");
      }
      int offset = (int) (from - start);
      return Arrays.copyOfRange(bytes, offset, offset + length);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

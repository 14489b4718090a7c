package io.caravan.server;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Gives out the requests of an input file that has been validated, each once. */
final class InputReader implements Closeable {
  private final FileChannel file;
  private final InputOrder order;
  private final AtomicInteger next = new AtomicInteger();

  InputReader(Path input, InputOrder order) throws IOException {
    this.file = FileChannel.open(input, StandardOpenOption.READ);
    this.order = order;
  }

  /** Null when all are given out. */
  @Nullable Request next() throws IOException {
    int index = next.getAndIncrement();
    return index < order.size() ? read(order.start(index), order.length(index)) : null;
  }

  /** How many are not given out yet. */
  int left() {
    return Math.max(0, order.size() - next.get());
  }

  private Request read(long start, int length) throws IOException {
    ByteBuffer line = ByteBuffer.allocate(length);
    while (line.hasRemaining()) {
      if (file.read(line, start + line.position()) < 0) {
        throw new EOFException("the input file is shorter than it was");
      }
    }
    return Request.parse(line.array());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

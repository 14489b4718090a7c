package io.caravan.flow.synchronous;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** A file that whole lines are appended to, by several threads. A killed process loses none. */
final class LineLog implements Closeable {
  /** Bytes between two flushes to the disk. */
  private static final long GROUP = 4 << 20;

  private static final int BLOCK = 1 << 16;

  private final FileChannel file;
  private final ReentrantLock lock = new ReentrantLock();
  private long unflushed;

  private LineLog(FileChannel file) {
    this.file = file;
  }

  /** Opens the file, and cuts off a last line that a killed process has half written. */
  static LineLog open(Path path) throws IOException {
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      file.truncate(wholeLines(file));
      file.position(file.size());
      return new LineLog(file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static long wholeLines(FileChannel file) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    for (long end = file.size(); end > 0; ) {
      long start = Math.max(0, end - BLOCK);
      block.clear().limit((int) (end - start));
      while (block.hasRemaining() && file.read(block, start + block.position()) >= 0) {}
      for (int i = block.position() - 1; i >= 0; i--) {
        if (block.get(i) == '\n') {
          return start + i + 1;
        }
      }
      end = start;
    }
    return 0;
  }

  /**
   * Appends a line.
   *
   * @param line with its line end
   */
  void append(byte[] line) throws IOException {
    lock.lock();
    try {
      ByteBuffer bytes = ByteBuffer.wrap(line);
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      unflushed += line.length;
      if (unflushed >= GROUP) {
        flush();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all lines are on the disk. */
  void flush() throws IOException {
    lock.lock();
    try {
      file.force(false);
      unflushed = 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

package io.caravan.jsonl;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Random access to a file: reads ahead for sequential access, otherwise only what is asked. */
public final class FileWindow implements Closeable {
  private static final int AHEAD = 1 << 16;

  private final FileChannel channel;
  private ByteBuffer window = ByteBuffer.allocate(AHEAD).limit(0);
  private long start;

  private FileWindow(FileChannel channel) {
    this.channel = channel;
  }

  public static FileWindow open(Path file) throws IOException {
    return new FileWindow(FileChannel.open(file));
  }

  /** The {@code length} bytes at this offset; fewer only at the end of the file. */
  public ByteBuffer at(long offset, int length) throws IOException {
    long end = start + window.limit();
    if (offset < start || offset + length > end) {
      boolean follows = offset >= start && offset <= end + AHEAD;
      read(offset, follows ? Math.max(AHEAD, length) : length);
    }
    int from = (int) (offset - start);
    return window.slice(from, Math.min(length, window.limit() - from));
  }

  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void read(long offset, int length) throws IOException {
    if (window.capacity() < length) {
      window = ByteBuffer.allocate(length);
    }
    window.clear().limit(length);
    start = offset;
    while (window.hasRemaining() && channel.read(window, start + window.position()) >= 0) {}
    window.flip();
  }
}

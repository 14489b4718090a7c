package io.caravan.workspace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A range of bytes of a file, as one part of an upload. */
final class FileSlice extends InputStream {
  private final FileChannel file;
  private long at;
  private long left;

  FileSlice(Path file, long from, long length) throws IOException {
    this.file = FileChannel.open(file);
    this.at = from;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int read = file.read(ByteBuffer.wrap(bytes, from, (int) Math.min(length, left)), at);
    if (read > 0) {
      at += read;
      left -= read;
    }
    return read;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

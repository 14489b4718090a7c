package io.caravan.jsonl;

import io.caravan.disk.DiskReserve;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/**
 * A file that others see whole or not at all: it gets its name when it is complete and on disk.
 *
 * <p>Two processes may write the same file at the same moment, for a frozen one may wake up: each
 * has an unfinished file of its own, and the last rename wins. What a killed process leaves is in
 * nobody's way, and goes with its folder.
 */
public final class WholeFile extends OutputStream {
  private static final String UNFINISHED =
      "." + Long.toHexString(new SecureRandom().nextLong()) + ".tmp";

  private final Path file;
  private final Path unfinished;
  private final ByteBuffer buffer;
  private final DiskReserve.Guard guard;
  private FileChannel channel;
  private boolean committed;
  private long bytes;

  public WholeFile(Path file) throws IOException {
    this(file, 1 << 17);
  }

  /** A file that is taken in. */
  public static WholeFile arriving(Path file) throws IOException {
    return new WholeFile(file, 1 << 17, DiskReserve.Use.NEW_FILE);
  }

  /**
   * @param bufferSize bytes that are kept before they are written
   */
  public WholeFile(Path file, int bufferSize) throws IOException {
    this(file, bufferSize, DiskReserve.Use.WORK_IN_HAND);
  }

  private WholeFile(Path file, int bufferSize, DiskReserve.Use use) throws IOException {
    this.file = file;
    this.guard = DiskReserve.guard(file, use);
    this.buffer = ByteBuffer.allocate(bufferSize);
    this.unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
    this.channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  @Override
  public void write(int value) throws IOException {
    if (!buffer.hasRemaining()) {
      drain();
    }
    buffer.put((byte) value);
    bytes++;
  }

  @Override
  public void write(byte[] given, int from, int length) throws IOException {
    write(ByteBuffer.wrap(given, from, length));
  }

  public void write(ByteBuffer given) throws IOException {
    bytes += given.remaining();
    if (given.remaining() > buffer.remaining()) {
      drain();
    }
    if (given.remaining() > buffer.capacity()) {
      writeFully(given);
    } else {
      buffer.put(given);
    }
  }

  /** A line without its ending; the newline is added. */
  public void writeLine(ByteBuffer line) throws IOException {
    write(line);
    write('\n');
  }

  public long bytes() {
    return bytes;
  }

  /** Lets go of the open file until the buffer is full. */
  public void suspend() throws IOException {
    channel.close();
  }

  /** Flushes to disk, then gives the file its name. */
  public void commit() throws IOException {
    drain();
    openAgain();
    channel.force(true); // the whole file, whichever channel wrote it
    channel.close();
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    forceDirectory();
  }

  /**
   * Gives the file its name if there is anything in it. One of that name that is there already
   * stays: another process may be ahead and depend on it.
   */
  public void commitUnlessEmpty() throws IOException {
    if (bytes > 0) {
      commit();
    }
  }

  /** Drops the file unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(unfinished);
    }
  }

  private void drain() throws IOException {
    writeFully(buffer.flip());
    buffer.clear();
  }

  private void writeFully(ByteBuffer given) throws IOException {
    guard.write(given.remaining());
    openAgain();
    while (given.hasRemaining()) {
      channel.write(given);
    }
  }

  private void openAgain() throws IOException {
    if (!channel.isOpen()) {
      channel = FileChannel.open(unfinished, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }
  }

  private void forceDirectory() {
    try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
      directory.force(true);
    } catch (IOException e) {
      // Windows opens no directories; there the rename is as durable as it gets
    }
  }
}

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
 * A file written atomically: written to a temporary file, synced to disk, then renamed.
 *
 * <p>Two processes may write the same file at the same time, for example when a frozen one wakes
 * up: each has its own temporary file, and the last rename wins. A killed process leaves its
 * temporary file behind, which does no harm and is deleted with the folder.
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

  /** A new input file. */
  public static WholeFile arriving(Path file) throws IOException {
    return new WholeFile(file, 1 << 17, DiskReserve.Use.NEW_FILE);
  }

  /**
   * @param bufferSize bytes buffered before they are written
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

  /** Writes a line and adds the newline. */
  public void writeLine(ByteBuffer line) throws IOException {
    write(line);
    write('\n');
  }

  public long bytes() {
    return bytes;
  }

  /** Closes the file until the buffer is full. */
  public void suspend() throws IOException {
    channel.close();
  }

  /** Flushes to disk, then renames the temporary file. */
  public void commit() throws IOException {
    drain();
    openAgain();
    channel.force(true); // syncs the whole file, including writes of earlier channels
    channel.close();
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    forceDirectory();
  }

  /**
   * Commits unless nothing was written. An existing file of that name is then kept: another process
   * may be ahead and depend on it.
   */
  public void commitUnlessEmpty() throws IOException {
    if (bytes > 0) {
      commit();
    }
  }

  /** Deletes the temporary file unless it was committed. */
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
      // Windows cannot open directories; the rename is as durable as it gets there
    }
  }
}

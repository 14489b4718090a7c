package io.caravan.server.store.folder;

import io.caravan.disk.PrivateFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** An exclusive lock on a server's directory, held until the server stops. */
public final class DirectoryLock implements AutoCloseable {
  private static final int MOST_REPLICAS = 100;

  private final Path directory;
  private final FileChannel channel;

  /** Locks the directory, or the first of {@code <directory>-2} and so on that is not locked. */
  public static DirectoryLock firstFree(Path directory) throws IOException {
    for (int replica = 2; ; replica++) {
      try {
        Path candidate =
            replica == 2
                ? directory
                : directory.resolveSibling(directory.getFileName() + "-" + (replica - 1));
        return new DirectoryLock(candidate);
      } catch (DirectoryInUseException e) {
        if (replica > MOST_REPLICAS) {
          throw e;
        }
      }
    }
  }

  public DirectoryLock(Path directory) throws IOException {
    this.directory = PrivateFolder.create(directory);
    channel =
        FileChannel.open(
            directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock() == null) {
      channel.close();
      throw new DirectoryInUseException(directory);
    }
  }

  /** The locked directory. */
  public Path directory() {
    return directory;
  }

  private @Nullable FileLock tryLock() throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

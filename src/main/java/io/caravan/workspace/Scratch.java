package io.caravan.workspace;

import io.caravan.disk.PrivateFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * A temporary folder of this process, created on first use and deleted on close. A lock file
 * distinguishes folders in use from those left by killed processes.
 */
public final class Scratch implements AutoCloseable {
  private static final String LOCK = ".lock";

  /** Locked by this process, which would lose a lock by opening and closing its file again. */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  private final Path parent;
  private @Nullable Path folder;
  private @Nullable FileChannel lock;

  /** Uses a parent that several processes may share. */
  public Scratch(Path parent) {
    this.parent = parent;
  }

  /** The folder; the first call creates it and deletes leftovers of killed processes. */
  public synchronized Path path() throws IOException {
    Path made = folder;
    if (made == null) {
      PrivateFolder.create(parent);
      deleteLeftovers();
      String name = UUID.randomUUID().toString();
      lock = lock(parent.resolve(name + LOCK));
      made = Files.createDirectories(parent.resolve(name));
      folder = made;
    }
    return made;
  }

  private void deleteLeftovers() throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(parent, "*" + LOCK)) {
      for (Path each : locks) {
        try (FileChannel free = lock(each)) {
          if (free != null) {
            String name = each.getFileName().toString();
            FileSystemUtils.deleteRecursively(
                parent.resolve(name.substring(0, name.length() - LOCK.length())));
            Files.deleteIfExists(each);
            OURS.remove(each.toAbsolutePath());
          }
        }
      }
    }
  }

  /** Returns null if another process, or this process, has already locked the file. */
  private static @Nullable FileChannel lock(Path file) throws IOException {
    if (!OURS.add(file.toAbsolutePath())) {
      return null;
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (channel.tryLock() != null) {
      return channel;
    }
    OURS.remove(file.toAbsolutePath());
    channel.close();
    return null;
  }

  @Override
  public synchronized void close() throws IOException {
    if (folder != null) {
      Path file = parent.resolve(folder.getFileName() + LOCK);
      FileSystemUtils.deleteRecursively(folder);
      Files.deleteIfExists(file);
      OURS.remove(file.toAbsolutePath());
    }
    if (lock != null) {
      lock.close();
    }
  }
}

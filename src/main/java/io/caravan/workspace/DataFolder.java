package io.caravan.workspace;

import io.caravan.disk.PrivateFolder;
import io.caravan.job.CannotStartException;
import io.caravan.job.StoreId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The data folder: it contains the workspace, and the store if that is a file. */
public final class DataFolder implements AutoCloseable {
  private static final String LOCK = "caravan.lock";
  private static final String STORE_ID = "store-id";

  private final Path path;
  private final @Nullable FileChannel lock;

  private DataFolder(Path path, @Nullable FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Locks the folder until it is closed or this process ends.
   *
   * @throws CannotStartException when another process has locked it, or it is not writable
   */
  public static DataFolder open(Path path) {
    try {
      PrivateFolder.create(path);
      var channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (lock(channel) == null) {
        channel.close();
        throw new CannotStartException(
            "Another Caravan is running on the data folder " + path.toAbsolutePath() + ".",
            "Drop the file into the inbox of that Caravan, stop it, or set CARAVAN_DATA to another folder.");
      }
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
      return new DataFolder(path, channel);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** Whether a service or another command has locked the folder. */
  public static boolean isTaken(Path path) throws IOException {
    Path file = path.resolve(LOCK);
    if (!Files.exists(file)) {
      return false;
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return lock(channel) == null; // closing the channel releases the lock
    }
  }

  /**
   * Opens the folder without a lock, for replicas that share it and coordinate through the
   * database.
   */
  public static DataFolder share(Path path) {
    try {
      return new DataFolder(PrivateFolder.create(path), null);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /**
   * Checks that folder and store belong together: with another store, all job files would look
   * abandoned.
   *
   * @throws CannotStartException when they do not
   */
  public void belongTo(StoreId store, String name) throws IOException {
    if (!isOursAlone()) {
      return;
    }
    Path file = path.resolve(STORE_ID);
    String known = Files.exists(file) ? Files.readString(file).strip() : "";
    if (!store.value().startsWith(known)) { // a crash may have left the id incomplete
      throw new CannotStartException(
          "The store %s is not the one that the data folder %s belongs to: it is new, or belongs to another folder."
              .formatted(name, path.toAbsolutePath()),
          "Restore the store that belongs to the folder, or a backup of it. If it is lost, delete %s and restart: the files of its jobs are then moved to %s."
              .formatted(file, path.resolve("lost")));
    }
    if (!known.equals(store.value())) {
      Files.writeString(file, store.value() + "\n");
    }
  }

  /** Whether this process has locked the folder. */
  public boolean isOursAlone() {
    return lock != null;
  }

  private static CannotStartException unusable(Path path, IOException e) {
    return new CannotStartException(
        "The data folder " + path.toAbsolutePath() + " cannot be used: " + e.getMessage() + ".",
        "Make it writable for this user, or set CARAVAN_DATA to a folder that is.");
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) { // held by another context of this same process
      return null;
    }
  }

  /** The path of the folder. */
  public Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
    }
  }
}

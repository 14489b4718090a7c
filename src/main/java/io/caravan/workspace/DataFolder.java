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

/** The folder of the workspace, and of the store when that is a file. */
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
   * Takes the folder until this process ends.
   *
   * @throws CannotStartException when another process has it, or it cannot be written
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
            "Drop the file into its inbox, or stop it, or set CARAVAN_DATA to another folder.");
      }
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
      return new DataFolder(path, channel);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /** Whether a service or another command has the folder now. */
  public static boolean isTaken(Path path) throws IOException {
    Path file = path.resolve(LOCK);
    if (!Files.exists(file)) {
      return false;
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return lock(channel) == null; // let go of with the channel
    }
  }

  /** The folder that several replicas work in; who works on what stands in their database. */
  public static DataFolder share(Path path) {
    try {
      return new DataFolder(PrivateFolder.create(path), null);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /**
   * Makes sure that folder and store belong together: with another store, all files of jobs would
   * look as if nobody needed them.
   *
   * @throws CannotStartException when they do not
   */
  public void belongTo(StoreId store, String name) throws IOException {
    if (!isOursAlone()) {
      return;
    }
    Path file = path.resolve(STORE_ID);
    String known = Files.exists(file) ? Files.readString(file).strip() : "";
    if (!store.value().startsWith(known)) { // a crash may have left it half written
      throw new CannotStartException(
          "The store %s is not the one that the data folder %s belongs to: it is new, or another one's."
              .formatted(name, path.toAbsolutePath()),
          "Put the store back that belongs to it, or a backup of that. If it is lost for good, delete %s and start again: the files of its jobs are then moved to %s."
              .formatted(file, path.resolve("lost")));
    }
    if (!known.equals(store.value())) {
      Files.writeString(file, store.value() + "\n");
    }
  }

  /** Whether nobody else works in it. */
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

  /** Where it is. */
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

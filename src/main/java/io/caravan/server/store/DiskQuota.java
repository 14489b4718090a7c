package io.caravan.server.store;

import io.caravan.disk.DiskReserve;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The quota of disk space for files, uploads and batches together, measured regularly and counted
 * in between. Also checks that the disk keeps its free reserve.
 */
public final class DiskQuota {
  /** Bytes taken between two checks of the disk. */
  private static final long BETWEEN_LOOKS = 1 << 20;

  /** The folder where the web server stores uploaded form parts. */
  private static final Path ARRIVING = Path.of(System.getProperty("java.io.tmpdir"));

  private final Measure size;
  private final long max;
  private final Path directory;
  private final AtomicLong unseen = new AtomicLong(BETWEEN_LOOKS);
  private final AtomicLong used = new AtomicLong();

  /**
   * @param directory where files are written, temporarily or for good
   */
  public DiskQuota(Measure size, long max, Path directory) throws IOException {
    this.size = size;
    this.max = max;
    this.directory = directory;
    measure();
  }

  /** Reserves space before a write; returns false if there is not enough. */
  public boolean take(long bytes) {
    if (used.addAndGet(bytes) <= max && hasDisk(bytes)) {
      return true;
    }
    give(bytes);
    return false;
  }

  public boolean hasRoom(long bytes) {
    return used.get() + bytes <= max && fits(bytes);
  }

  /** While the disk has space, it is checked only once per {@link #BETWEEN_LOOKS} bytes. */
  private boolean hasDisk(long bytes) {
    if (unseen.addAndGet(bytes) < BETWEEN_LOOKS) {
      return true;
    }
    boolean room = fits(bytes);
    if (room) {
      unseen.set(0);
    }
    return room;
  }

  private boolean fits(long bytes) {
    return fits(directory, bytes);
  }

  private static boolean fits(Path folder, long bytes) {
    return DiskReserve.current().fits(folder.resolve("new"), bytes, DiskReserve.Use.WORK_IN_HAND);
  }

  /** Rejects a request whose bytes would fill the disk; only {@link #take} counts them. */
  public void requireDisk(long bytes) {
    if (!fits(bytes) || !fits(ARRIVING, bytes)) {
      throw full(bytes);
    }
  }

  /** Reserves space, or rejects the request with 507, so that clients retry later. */
  public void require(long bytes) {
    if (!take(bytes)) {
      throw full(bytes);
    }
  }

  private ApiException full(long bytes) {
    return new ApiException(
        507,
        ApiError.server(
            "The server cannot store %d more bytes: its limit of %d bytes is reached, or its disk is full. Delete files, or try again later."
                .formatted(bytes, max),
            "storage_limit_exceeded"));
  }

  public void give(long bytes) {
    used.addAndGet(-bytes);
  }

  public long used() {
    return used.get();
  }

  /** Measures the used space; bytes taken during the measurement still count. */
  public void measure() throws IOException {
    long before = used.get();
    used.addAndGet(size.bytes() - before);
  }

  /** Measures the used space in bytes. */
  public interface Measure {
    long bytes() throws IOException;
  }
}

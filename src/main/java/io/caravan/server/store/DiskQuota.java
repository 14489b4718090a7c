package io.caravan.server.store;

import io.caravan.disk.DiskReserve;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the disk files, uploads and batches take together, measured from time to time and
 * counted in between; and whether the disk itself has room beside what is kept free of it.
 */
public final class DiskQuota {
  /** What is taken between two looks at the disk. */
  private static final long BETWEEN_LOOKS = 1 << 20;

  /** Where the web server puts the parts of forms. */
  private static final Path ARRIVING = Path.of(System.getProperty("java.io.tmpdir"));

  private final Measure size;
  private final long max;
  private final Path directory;
  private final AtomicLong unseen = new AtomicLong(BETWEEN_LOOKS);
  private final AtomicLong used = new AtomicLong();

  /**
   * @param directory where files are written first, or for good
   */
  public DiskQuota(Measure size, long max, Path directory) throws IOException {
    this.size = size;
    this.max = max;
    this.directory = directory;
    measure();
  }

  /** Claims room for what is about to be written; false when there is not enough. */
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

  /** As long as there was room, it is looked at from time to time. */
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

  /** Refuses a request whose bytes would fill the disk; they count from {@link #take} on. */
  public void requireDisk(long bytes) {
    if (!fits(bytes) || !fits(ARRIVING, bytes)) {
      throw full(bytes);
    }
  }

  /** Takes room, or refuses the request; 507, so that clients try again when there is room. */
  public void require(long bytes) {
    if (!take(bytes)) {
      throw full(bytes);
    }
  }

  private ApiException full(long bytes) {
    return new ApiException(
        507,
        ApiError.server(
            "The server has no room for %d more bytes of its %d, or its disk is full. Delete files, or try again later."
                .formatted(bytes, max),
            "storage_limit_exceeded"));
  }

  public void give(long bytes) {
    used.addAndGet(-bytes);
  }

  public long used() {
    return used.get();
  }

  /** Looks what is there; what comes meanwhile is kept. */
  public void measure() throws IOException {
    long before = used.get();
    used.addAndGet(size.bytes() - before);
  }

  /** Looks how many bytes there are. */
  public interface Measure {
    long bytes() throws IOException;
  }
}

package io.caravan.server;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the disk files, uploads and batches take together: measured from time to time, and
 * counted in between.
 */
final class DiskQuota {
  private final Measure size;
  private final long max;
  private final AtomicLong used = new AtomicLong();

  DiskQuota(Measure size, long max) throws IOException {
    this.size = size;
    this.max = max;
    measure();
  }

  /** Claims room for what is about to be written; false when there is not enough. */
  boolean take(long bytes) {
    if (used.addAndGet(bytes) <= max) {
      return true;
    }
    give(bytes);
    return false;
  }

  boolean hasRoom(long bytes) {
    return used.get() + bytes <= max;
  }

  /** Takes room, or refuses the request; 507, so that clients try again when there is room. */
  void require(long bytes) {
    if (!take(bytes)) {
      throw new ApiException(
          507,
          ApiError.server(
              "The server has no room for %d more bytes of its %d. Delete files, or try again later."
                  .formatted(bytes, max),
              "storage_limit_exceeded"));
    }
  }

  void give(long bytes) {
    used.addAndGet(-bytes);
  }

  long used() {
    return used.get();
  }

  /** Looks what is there; what comes meanwhile is kept. */
  void measure() throws IOException {
    long before = used.get();
    used.addAndGet(size.bytes() - before);
  }

  /** Looks how many bytes there are. */
  interface Measure {
    long bytes() throws IOException;
  }
}

package io.caravan.disk;

import java.util.concurrent.atomic.AtomicInteger;

/** Fakes the size and free space of all disks until it is closed. */
public final class FullDisk implements AutoCloseable {
  private final DiskReserve before;
  private volatile long free;
  private final AtomicInteger looks = new AtomicInteger();

  private FullDisk(long total, long free) {
    this.free = free;
    this.before =
        DiskReserve.install(
            new DiskReserve(
                1L << 30,
                file -> {
                  looks.incrementAndGet();
                  return new DiskReserve.Space(this.free, total);
                }));
  }

  /** Sizes in MB. */
  public static FullDisk of(long total, long free) {
    return new FullDisk(total * 1_000_000, free * 1_000_000);
  }

  public void free(long megabytes) {
    free = megabytes * 1_000_000;
  }

  long looks() {
    return looks.get();
  }

  @Override
  public void close() {
    DiskReserve.install(before);
  }
}

package io.caravan.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the disk files, uploads and batches take together: measured from time to time, and
 * counted in between.
 */
final class DiskQuota {
  private final Path directory;
  private final long max;
  private final AtomicLong used = new AtomicLong();

  DiskQuota(Path directory, long max) throws IOException {
    this.directory = directory;
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

  /** Looks what is there, two names for the same bytes being one; what comes meanwhile is kept. */
  void measure() throws IOException {
    long before = used.get();
    var sizes = new Sizes();
    if (Files.exists(directory)) {
      Files.walkFileTree(directory, sizes);
    }
    used.addAndGet(sizes.total - before);
  }

  private static final class Sizes extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long total;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (seen.add(Objects.requireNonNullElse(attributes.fileKey(), file))) {
        total += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    /** Files come and go while it looks. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }
}

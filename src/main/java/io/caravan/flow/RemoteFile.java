package io.caravan.flow;

import io.caravan.disk.DiskReserve;
import io.caravan.provider.PathSegment;
import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file at a provider, and its target in the workspace. */
public record RemoteFile(String id, Path target) {
  /** The id, encoded as a URL path segment. */
  public String segment() {
    return PathSegment.of(id);
  }

  /**
   * Stores the content; the target appears once it is complete and on disk.
   *
   * @param size its minimum size in bytes, from the provider's file object or else the answer's
   *     header; -1 if unknown
   */
  public void store(InputStream content, long size) throws IOException {
    DiskReserve.require(target, Math.max(0, size), DiskReserve.Use.WORK_IN_HAND);
    whole(unfinished -> copy(content, unfinished, size));
  }

  /** Writes a temporary file and renames it to the target once it is complete and on disk. */
  public void whole(Writing writing) throws IOException {
    Path unfinished =
        target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".unfinished");
    try {
      writing.to(unfinished);
      try (var channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private void copy(InputStream content, Path unfinished, long size) throws IOException {
    long copied;
    try (OutputStream out = DiskReserve.newOutputStream(unfinished)) {
      copied = content.transferTo(out);
    }
    if (copied < size) {
      throw RetryableProviderException.inTime(
          "the download of file %s ended after %d of %d bytes".formatted(id, copied, size));
    }
  }

  /** Writes the content into a temporary file. */
  @FunctionalInterface
  public interface Writing {
    void to(Path file) throws IOException;
  }
}

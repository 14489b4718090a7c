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

/** A file at a provider, and where it belongs in the workspace. */
public record RemoteFile(String id, Path target) {
  /** The id as a segment of the path of a call. */
  public String segment() {
    return PathSegment.of(id);
  }

  /**
   * Writes the content under its name once it is complete and on disk.
   *
   * @param size bytes that it has to have at least, by what the provider's file object says or else
   *     the answer's header; -1 when neither does
   */
  public void store(InputStream content, long size) throws IOException {
    DiskReserve.require(target, Math.max(0, size), DiskReserve.Use.WORK_IN_HAND);
    whole(unfinished -> copy(content, unfinished, size));
  }

  /** Gives what is written its name once it is complete and on disk. */
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
          "file %s broke off after %d of %d bytes".formatted(id, copied, size));
    }
  }

  /** Writes the content into a file that nobody looks at yet. */
  @FunctionalInterface
  public interface Writing {
    void to(Path file) throws IOException;
  }
}

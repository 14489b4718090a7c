package io.caravan.flow;

import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file at a provider, and where it belongs in the workspace. */
public record RemoteFile(String id, Path target) {
  /** The id, for the path of a call. */
  public String getId() {
    return id;
  }

  /**
   * Writes the content under its name once it is complete and on disk.
   *
   * @param announced bytes as the answer's header says; -1 when it does not
   * @param size bytes as the provider's file object says; -1 when it does not
   */
  void store(InputStream content, long announced, long size) throws IOException {
    whole(unfinished -> copy(content, unfinished, announced, size));
  }

  /** Gives what is written its name once it is complete and on disk. */
  void whole(Writing writing) throws IOException {
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

  private void copy(InputStream content, Path unfinished, long announced, long size)
      throws IOException {
    long copied = Files.copy(content, unfinished);
    long whole = announced >= 0 ? announced : size;
    if (whole >= 0 && copied < whole) {
      throw new RetryableProviderException(
          "file %s broke off after %d of %d bytes".formatted(id, copied, whole), null);
    }
  }

  /** Writes the content into a file that nobody looks at yet. */
  @FunctionalInterface
  interface Writing {
    void to(Path file) throws IOException;
  }
}

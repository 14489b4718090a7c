package io.caravan.flow;

import io.caravan.provider.RetryableProviderException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file at a provider, and where it belongs in the workspace. */
public record RemoteFile(String id, Path target) {
  /** The id, for the path of a call. */
  public String getId() {
    return id;
  }

  /**
   * Writes the content under its name once it is complete and on disk.
   *
   * @param length in bytes as announced; -1 when it was not
   */
  void store(InputStream content, long length) throws IOException {
    Path unfinished = target.resolveSibling(target.getFileName() + ".unfinished");
    long copied = Files.copy(content, unfinished, StandardCopyOption.REPLACE_EXISTING);
    if (length >= 0 && copied != length) {
      throw new RetryableProviderException(
          "file %s broke off after %d of %d bytes".formatted(id, copied, length), null);
    }
    try (var channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
  }
}

package io.caravan.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/** The files that there are; one exists whole or not at all. */
public interface StoredFiles {

  /** Takes over the bytes that {@code content} puts in place, in place of a file of that name. */
  StoredFile add(
      String id,
      String owner,
      String filename,
      String purpose,
      @Nullable Duration lifetime,
      Content content)
      throws IOException;

  /** Absent as well when its time is over. */
  Optional<StoredFile> find(String id);

  /** Whether it was there; batches that work on it keep its bytes. */
  boolean delete(String id);

  /** Deletes what nobody has asked for since its time was over. */
  void forgetExpired() throws IOException;

  /** What has not expired. */
  Page<StoredFile> list(Listing listing);

  /** The bytes, also from somewhere in the middle. */
  Resource content(StoredFile file);

  /** Bytes on their way into the store. */
  interface Content {
    void putAt(Path target) throws IOException;
  }
}

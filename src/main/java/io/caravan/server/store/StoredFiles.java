package io.caravan.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/** The store of files; a file exists completely or not at all. */
public interface StoredFiles {

  /** Adds a file with the bytes from {@code content}, replacing a file with the same id. */
  StoredFile add(
      String id,
      String owner,
      String filename,
      String purpose,
      @Nullable Duration lifetime,
      Content content)
      throws IOException;

  /** Returns empty also for an expired file. */
  Optional<StoredFile> find(String id);

  /** Deletes a file; returns whether it existed. Batches that use it keep its bytes. */
  boolean delete(String id);

  /** Deletes expired files. */
  void forgetExpired() throws IOException;

  /** Lists the files that have not expired. */
  Page<StoredFile> list(Listing listing);

  /** The bytes of a file; supports ranges. */
  Resource content(StoredFile file);

  /** A source of bytes for the store. */
  interface Content {
    void putAt(Path target) throws IOException;
  }
}

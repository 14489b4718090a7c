package io.caravan.job;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Notices that the file of the store is deleted or moved away while it is in use: what is written
 * then is seen by nobody after a restart.
 */
public final class StorePresence {
  private final @Nullable Path file;

  public StorePresence(@Nullable Path file) {
    this.file = file;
  }

  /**
   * To be asked before work is begun.
   *
   * @throws DataAccessResourceFailureException when the file is gone
   */
  public void check() {
    if (file != null && !Files.exists(file)) {
      throw new DataAccessResourceFailureException(
          "The store %s was deleted or moved while Caravan runs, so nothing more is begun. Stop Caravan and put the file back, or a backup of it."
              .formatted(file));
    }
  }
}

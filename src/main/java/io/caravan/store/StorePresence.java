package io.caravan.store;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Detects that the file of the store was deleted or moved while in use; later writes would be lost
 * at the next restart.
 */
public final class StorePresence {
  private final @Nullable Path file;

  public StorePresence(@Nullable Path file) {
    this.file = file;
  }

  /**
   * Checks the file; call it before starting work.
   *
   * @throws DataAccessResourceFailureException when the file is gone
   */
  public void check() {
    if (file != null && !Files.exists(file)) {
      throw new DataAccessResourceFailureException(
          "The store %s was deleted or moved while Caravan is running, so no new work is started. Stop Caravan and restore the file or a backup of it."
              .formatted(file));
    }
  }
}

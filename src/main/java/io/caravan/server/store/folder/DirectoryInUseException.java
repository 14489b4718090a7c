package io.caravan.server.store.folder;

import java.nio.file.Path;

/** Another embedded batch server uses the directory. */
public final class DirectoryInUseException extends RuntimeException {
  private final transient Path directory;

  DirectoryInUseException(Path directory) {
    super(
        "Another embedded batch server uses %s. Stop it, or set caravan.server.directory to another folder."
            .formatted(directory));
    this.directory = directory;
  }

  /** The directory in use. */
  public Path directory() {
    return directory;
  }
}

package io.caravan.workspace;

import java.io.IOException;
import java.nio.file.Path;

/** Opens storages for other bytes than those of jobs, where the workspace is. */
public interface FurtherStorage {
  /**
   * Opens a storage.
   *
   * @param name a name in the bucket, if the workspace is in S3
   * @param folder the folder, if it is not
   */
  WorkspaceStorage open(String name, Path folder) throws IOException;
}

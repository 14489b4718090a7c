package io.caravan.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Creates folders and files that only their user can read, since they hold prompts and answers.
 * Existing ones keep their permissions.
 */
public final class PrivateFolder {
  private PrivateFolder() {}

  /** Creates the private folder, and missing parents with default permissions. */
  public static Path create(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      try {
        make(folder);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) { // else another process created it
          throw e;
        }
      }
    }
    return folder;
  }

  private static void make(Path folder) throws IOException {
    if (isPosix(folder)) {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectory(folder);
    }
  }

  /** Creates an empty private file if possible; opening it later reports a failure. */
  public static void createFile(Path file) {
    if (isPosix(file) && Files.notExists(file)) {
      try {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}

package io.caravan.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Makes folders and files that their user alone can read, as prompts and answers lie in them. Those
 * that are there already stay as their owner has them.
 */
public final class PrivateFolder {
  private PrivateFolder() {}

  /** Makes the folder, and the ones above it as the user makes them otherwise. */
  public static Path create(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      try {
        make(folder);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) { // else another one was faster
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

  /** Makes an empty file where it can be made; what opens it tells why not. */
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

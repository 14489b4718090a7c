package io.caravan.server.store.folder;

import io.caravan.server.store.DiskQuota;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/** Measures the total size of a folder; hard links to the same file count once. */
public record FolderSize(Path folder) implements DiskQuota.Measure {
  @Override
  public long bytes() throws IOException {
    var sizes = new Sizes();
    if (Files.exists(folder)) {
      Files.walkFileTree(folder, sizes);
    }
    return sizes.total;
  }

  private static final class Sizes extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long total;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (seen.add(Objects.requireNonNullElse(attributes.fileKey(), file))) {
        total += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    /** Ignores files that are deleted during the walk. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }
}

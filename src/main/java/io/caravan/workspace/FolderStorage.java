package io.caravan.workspace;

import io.caravan.disk.PrivateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Stores job files in a folder, local or shared by all replicas; a written file needs no upload.
 */
public record FolderStorage(Path root, Clock clock) implements WorkspaceStorage {
  private static final String BY_OPERATOR = "by-operator";

  /** Younger files may belong to a process that is still storing a large file. */
  private static final Duration IDLE = Duration.ofHours(1);

  /** How long lost files are kept. */
  private static final Duration KEPT = Duration.ofDays(7);

  @Override
  public Path begin(String jobId) {
    return root.resolve(jobId);
  }

  @Override
  public void end(String jobId) {}

  @Override
  public void fetch(String jobId, Path file) {}

  @Override
  public void keep(String jobId, Path file, Runnable fence) {
    fence.run();
  }

  @Override
  public void discard(String jobId, Path file, Runnable fence) throws IOException {
    fence.run();
    Files.deleteIfExists(file);
  }

  @Override
  public List<String> jobIds() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.map(folder -> folder.getFileName().toString()).toList();
    }
  }

  @Override
  public void markByOperator(String jobId) throws IOException {
    Files.createFile(Files.createDirectories(root.resolve(jobId)).resolve(BY_OPERATOR));
  }

  @Override
  public List<String> leftAtStart() throws IOException {
    return jobIds().stream()
        .filter(id -> !Files.exists(root.resolve(id).resolve(BY_OPERATOR)))
        .toList();
  }

  @Override
  public boolean isAbandoned(String jobId) throws IOException {
    Instant since = clock.instant().minus(IDLE);
    try (Stream<Path> files = Files.walk(root.resolve(jobId))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.getLastModifiedTime(file).toInstant().isAfter(since)) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void lose(String jobId) throws IOException {
    Path lost = PrivateFolder.create(lost()).resolve(jobId);
    FileSystemUtils.deleteRecursively(lost);
    Files.move(root.resolve(jobId), lost);
    Files.setLastModifiedTime(lost, FileTime.from(clock.instant()));
  }

  private Path lost() {
    return root.resolveSibling("lost");
  }

  @Override
  public void drop(String jobId) throws IOException {
    FileSystemUtils.deleteRecursively(root.resolve(jobId));
  }

  @Override
  public void sweep() throws IOException {
    if (Files.isDirectory(lost())) {
      Instant before = clock.instant().minus(KEPT);
      try (Stream<Path> folders = Files.list(lost())) {
        for (Path folder : (Iterable<Path>) folders::iterator) {
          if (Files.getLastModifiedTime(folder).toInstant().isBefore(before)) {
            FileSystemUtils.deleteRecursively(folder);
          }
        }
      }
    }
  }

  @Override
  public void check() {} // the health component checks the disk

  @Override
  public String toString() {
    return root.toString();
  }

  @Override
  public void close() {}
}

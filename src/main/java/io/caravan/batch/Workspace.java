package io.caravan.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** Where a job's bytes live while the job lives: a folder for each job. */
public final class Workspace {
  private static final String BY_OPERATOR = "by-operator";

  private final Path root;

  Workspace(Path root) {
    this.root = root;
  }

  /** The folder that holds the folders. */
  public Path root() {
    return root;
  }

  /** A job's folder, made when it is not there. */
  public Path folder(String jobId) throws IOException {
    return Files.createDirectories(root.resolve(jobId));
  }

  /** The lines as they came in, decompressed. */
  public Path input(String jobId) {
    return root.resolve(jobId).resolve("input.jsonl");
  }

  /** The lines of one part, ready to be uploaded. */
  public Path part(Part part) {
    return root.resolve(part.jobId()).resolve("part-" + part.name() + ".jsonl");
  }

  /** The provider's output file of a part, once it is here whole. */
  public Path output(Part part) {
    return root.resolve(part.jobId()).resolve("part-" + part.name() + ".output.jsonl");
  }

  /** The provider's error file of a part, once it is here whole. */
  public Path error(Part part) {
    return root.resolve(part.jobId()).resolve("part-" + part.name() + ".error.jsonl");
  }

  /** The lines of a further part that came out of a part. */
  public Path further(Part part, int child) {
    return root.resolve(part.jobId()).resolve("part-" + part.nameOf(child) + ".jsonl");
  }

  /** Why requests of a part get no other answer: lines of our own. */
  public Path reasons(Part part) {
    return root.resolve(part.jobId()).resolve("part-" + part.name() + ".reasons.jsonl");
  }

  /** What goes to the results route. */
  public Path results(String jobId) {
    return root.resolve(jobId).resolve("results.jsonl");
  }

  /** What goes to the errors route. */
  public Path errors(String jobId) {
    return root.resolve(jobId).resolve("errors.jsonl");
  }

  /** The names of all folders, of live jobs and of none. */
  public List<String> jobIds() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.map(folder -> folder.getFileName().toString()).toList();
    }
  }

  /** A folder for a job that an operator's process is about to store beside a service. */
  public Path folderByOperator(String jobId) throws IOException {
    Path folder = folder(jobId);
    Files.createFile(folder.resolve(BY_OPERATOR));
    return folder;
  }

  /** Whether an operator's process has made the folder. */
  public boolean isByOperator(String jobId) {
    return Files.exists(root.resolve(jobId).resolve(BY_OPERATOR));
  }

  /** Whether nothing in a folder was written to for so long. */
  public boolean isIdle(String jobId, Duration time) throws IOException {
    Instant since = Instant.now().minus(time);
    try (Stream<Path> files = Files.walk(root.resolve(jobId))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.getLastModifiedTime(file).toInstant().isAfter(since)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Forgets a job's bytes. */
  public void drop(String jobId) throws IOException {
    FileSystemUtils.deleteRecursively(root.resolve(jobId));
  }
}

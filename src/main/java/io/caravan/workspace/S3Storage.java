package io.caravan.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Stores job files in S3; this machine has only copies and files being written. */
final class S3Storage implements WorkspaceStorage {
  /** Older uploads are treated as left over from a killed process. */
  private static final Duration LONGEST_UPLOAD = Duration.ofDays(1);

  /** S3 dates an object by the start of its upload, so this is longer than any upload. */
  private static final Duration IDLE = LONGEST_UPLOAD.multipliedBy(2);

  private final S3Location location;
  private final JobObjects objects;
  private final Scratch scratch;
  private final LocalCopies copies;
  private final Clock clock;

  S3Storage(
      S3Location location, JobObjects objects, Scratch scratch, Duration keepCopies, Clock clock) {
    this.location = location;
    this.objects = objects;
    this.scratch = scratch;
    this.copies = new LocalCopies(scratch, keepCopies, clock);
    this.clock = clock;
  }

  @Override
  public Path root() throws IOException {
    return scratch.path();
  }

  @Override
  public Path begin(String jobId) throws IOException {
    return copies.begin(jobId);
  }

  @Override
  public void end(String jobId) {
    copies.end(jobId);
  }

  @Override
  public void fetch(String jobId, Path file) throws IOException {
    Files.createDirectories(scratch.path().resolve(jobId));
    Path arriving = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".arriving");
    String known = copies.etag(jobId, file);
    try {
      String etag = objects.get(name(jobId, file), known, arriving);
      if (etag == null) {
        Files.deleteIfExists(file);
      } else if (!etag.equals(known)) {
        replace(jobId, file, arriving, etag);
      }
    } finally {
      Files.deleteIfExists(arriving);
    }
  }

  private void replace(String jobId, Path file, Path arriving, String etag) throws IOException {
    Files.move(arriving, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    copies.note(jobId, file, etag);
  }

  @Override
  public void keep(String jobId, Path file, Runnable fence) throws IOException {
    copies.note(jobId, file, objects.put(name(jobId, file), file, fence));
  }

  @Override
  public void discard(String jobId, Path file, Runnable fence) throws IOException {
    fence.run();
    objects.deleteOne(name(jobId, file));
    Files.deleteIfExists(file);
  }

  private static String name(String jobId, Path file) {
    return jobId + "/" + file.getFileName();
  }

  @Override
  public List<String> jobIds() throws IOException {
    return objects.folders();
  }

  @Override
  public void markByOperator(String jobId) {} // not needed: a start deletes no files in S3

  /** Empty: other processes may share the bucket, even if the data folder is locked. */
  @Override
  public List<String> leftAtStart() {
    return List.of();
  }

  @Override
  public boolean isAbandoned(String jobId) throws IOException {
    Instant since = clock.instant().minus(IDLE);
    return objects.lastModified(jobId).filter(last -> last.isBefore(since)).isPresent();
  }

  /** Deletes the files, since they have not changed for days. */
  @Override
  public void lose(String jobId) throws IOException {
    drop(jobId);
  }

  @Override
  public void drop(String jobId) throws IOException {
    copies.drop(jobId);
    objects.delete(jobId);
  }

  @Override
  public void sweep() throws IOException {
    copies.evict();
    objects.abortUploads("", clock.instant().minus(LONGEST_UPLOAD));
  }

  @Override
  public void check() throws IOException {
    objects.calls().check();
  }

  @Override
  public String toString() {
    return location.toString();
  }

  @Override
  public void close() throws IOException {
    scratch.close();
  }
}

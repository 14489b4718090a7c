package io.caravan.workspace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * Local copies of job files in S3. A job's copies are kept while a step uses them and for some time
 * after, so that steps need not download again, and waiting jobs do not fill the disk.
 */
final class LocalCopies {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCopies.class);

  private final Scratch scratch;
  private final Duration keep;
  private final Clock clock;
  private final Map<String, Copies> jobs = new ConcurrentHashMap<>();

  LocalCopies(Scratch scratch, Duration keep, Clock clock) {
    this.scratch = scratch;
    this.keep = keep;
    this.clock = clock;
  }

  private static final class Copies {
    private final Map<Path, Copy> files = new ConcurrentHashMap<>();
    private int users;
    private Instant lastUse = Instant.EPOCH;
  }

  /** A file's attributes at the time when it was equal to the object with the ETag. */
  private record Copy(String etag, BasicFileAttributes attributes) {
    boolean is(BasicFileAttributes now) {
      return now.size() == attributes.size()
          && now.lastModifiedTime().equals(attributes.lastModifiedTime())
          && String.valueOf(now.fileKey()).equals(String.valueOf(attributes.fileKey()));
    }
  }

  Path begin(String jobId) throws IOException {
    Path folder = scratch.path().resolve(jobId);
    jobs.compute(
        jobId,
        (id, known) -> {
          Copies copies = known == null ? new Copies() : known;
          copies.users++;
          return copies;
        });
    return folder;
  }

  void end(String jobId) {
    jobs.computeIfPresent(
        jobId,
        (id, copies) -> {
          copies.users--;
          copies.lastUse = clock.instant();
          return copies;
        });
    evict();
  }

  /** Records that a file equals the S3 object with the ETag. */
  void note(String jobId, Path file, String etag) throws IOException {
    Copies copies = jobs.get(jobId);
    if (copies != null) {
      copies.files.put(file, new Copy(etag, attributes(file)));
    }
  }

  /** The ETag of the S3 object that a file equals; null if unknown, or if the file has changed. */
  @Nullable String etag(String jobId, Path file) throws IOException {
    Copies copies = jobs.get(jobId);
    Copy copy = copies == null ? null : copies.files.get(file);
    return copy != null && Files.exists(file) && copy.is(attributes(file)) ? copy.etag() : null;
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  /** Deletes copies that have not been used for the configured time. */
  void evict() {
    Instant before = clock.instant().minus(keep);
    jobs.keySet().forEach(id -> evict(id, before));
  }

  /** Deletes a job's copies, unless a step uses them. */
  void drop(String jobId) {
    evict(jobId, Instant.MAX);
  }

  private void evict(String jobId, Instant before) {
    jobs.computeIfPresent(
        jobId,
        (id, copies) ->
            copies.users > 0 || copies.lastUse.isAfter(before) || !isDeleted(id) ? copies : null);
  }

  private boolean isDeleted(String jobId) {
    try {
      FileSystemUtils.deleteRecursively(scratch.path().resolve(jobId));
      return true;
    } catch (IOException e) {
      LOG.debug("cannot delete local copies of job={}", jobId, e);
      return false;
    }
  }
}

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
 * The jobs' folders on this machine: kept while a step works there and for some time after, so that
 * copies neither come anew for each step nor fill the disk while jobs wait at their provider.
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

  /** What a file was when it was known to be what S3 has under the ETag. */
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

  /** Notes that a file is what S3 has under the ETag. */
  void note(String jobId, Path file, String etag) throws IOException {
    Copies copies = jobs.get(jobId);
    if (copies != null) {
      copies.files.put(file, new Copy(etag, attributes(file)));
    }
  }

  /** Under which ETag S3 had what the file is; null when it was never that, or has changed. */
  @Nullable String etag(String jobId, Path file) throws IOException {
    Copies copies = jobs.get(jobId);
    Copy copy = copies == null ? null : copies.files.get(file);
    return copy != null && Files.exists(file) && copy.is(attributes(file)) ? copy.etag() : null;
  }

  private static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  /** Deletes what has not been used for a while. */
  void evict() {
    Instant before = clock.instant().minus(keep);
    jobs.keySet().forEach(id -> evict(id, before));
  }

  /** Deletes a job's copies, unless a step works there. */
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
      LOG.debug("copies of job={} stay for now", jobId, e);
      return false;
    }
  }
}

package io.caravan.operator;

import io.caravan.job.Arrival;
import io.caravan.job.Job;
import io.caravan.job.JobFile;
import io.caravan.job.JobId;
import io.caravan.job.JobStore;
import io.caravan.job.Timing;
import io.caravan.jsonl.convert.Format;
import io.caravan.jsonl.settle.FailedRequests;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.JobPaths;
import io.caravan.workspace.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Creates a new job from the failed requests of a finished job. A job has only one retry, so that a
 * repeated command does not pay twice; another one is allowed only if that retry finished without
 * results.
 */
final class Retry {
  private final JobStore store;
  private final Workspace workspace;
  private final Clock clock;

  Retry(JobStore store, Workspace workspace, Clock clock) {
    this.store = store;
    this.workspace = workspace;
    this.clock = clock;
  }

  Outcome again(Job job) throws IOException {
    if (job.refused() || store.parts(job.id()).isEmpty()) {
      return refused(
          job,
          "was refused as a whole, and would be refused again. Correct its file as its errors say, and drop it again.");
    }
    if (job.counts().errors() == 0) {
      return refused(job, "has a result for each request: there is nothing to send again.");
    }
    Optional<Job> successor = store.successor(job);
    return successor.isPresent() ? taken(job, successor.get()) : send(job);
  }

  private static Outcome taken(Job job, Job successor) {
    return refused(
        job,
        successor.status().finished()
            ? "was sent again as job %s, which has %d results and %d errors.%s"
                .formatted(
                    successor.id(),
                    successor.counts().results(),
                    successor.counts().errors(),
                    successor.counts().errors() > 0 ? " Retry that one." : "")
            : "is being sent again as job %s.".formatted(successor.id()));
  }

  private Outcome send(Job job) throws IOException {
    String id = JobId.next();
    try (JobFiles earlier = workspace.open(job.id());
        JobFiles files = workspace.openByOperator(id)) {
      JobPaths paths = files.toWrite();
      Path input = paths.input();
      FailedRequests.Counts counts =
          new FailedRequests(earlier.split(), earlier.requests(), earlier.results())
              .write(input, paths.carried());
      return counts.failed() == 0
          ? refused(
              job,
              "has no failed requests except invalid lines. Correct these and drop them in a new file.")
          : store(job, counts, accept(files, retryOf(job, id, input)));
    } catch (NoSuchFileException e) {
      return refused(
          job,
          "cannot be sent again: its files are no longer in %s (caravan.retention). Drop the file again."
              .formatted(workspace));
    } finally {
      if (store.job(id).isEmpty()) {
        workspace.drop(id);
      }
    }
  }

  private Arrival accept(JobFiles files, Job retry) throws IOException {
    JobPaths paths = files.toWrite();
    if (Files.exists(paths.carried())) {
      files.keep(paths.carried());
    }
    files.keep(paths.input());
    return store.accept(retry, false);
  }

  /**
   * Creates the retry. Concurrent retries get the same arrival, so the store accepts only the
   * first.
   */
  private Job retryOf(Job job, String id, Path input) throws IOException {
    String arrival = "retry %d of %s".formatted(store.retries(job.id()).size() + 1, job.id());
    return Job.accepted(
            id,
            job.pipeline(),
            job.provider(),
            new JobFile(
                job.file().source(),
                Format.ofRequests(job.file().name()),
                sha256(input),
                arrival,
                Files.size(input)),
            clock.instant())
        .with(b ->
            b.identity(job.pipeline() + "|" + arrival)
                .retryOf(job.id())
                .client(job.client())
                .timing(Timing.NOW.withPriority(job.timing().priority())));
  }

  private static Outcome store(Job job, FailedRequests.Counts counts, Arrival arrival) {
    return switch (arrival) {
      case Arrival.Accepted(Job retry) ->
          new Outcome.Done(
              retry.id(),
              "%s failed %s of job %s (%s) %s sent again as job %s.%s"
                  .formatted(
                      counts.failed(),
                      counts.failed() == 1 ? "request" : "requests",
                      job.id(),
                      job.label(),
                      counts.failed() == 1 ? "is" : "are",
                      retry.id(),
                      counts.refused() == 0
                          ? ""
                          : " Invalid lines are not sent again (%d): correct them and drop them in a new file."
                              .formatted(counts.refused())));
      case Arrival.Repeated(Job earlier) -> taken(job, earlier);
      case Arrival.Duplicate(Job duplicate, Job earlier) -> taken(job, earlier);
    };
  }

  private static Outcome refused(Job job, String message) {
    return new Outcome.Refused(job.id(), Operator.what(job) + " " + message);
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      var digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

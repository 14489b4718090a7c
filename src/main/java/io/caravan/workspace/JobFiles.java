package io.caravan.workspace;

import io.caravan.job.Part;
import io.caravan.jsonl.convert.Converter;
import io.caravan.jsonl.split.Split;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The files of one job, at hand until closed. What is read is first made what is kept, and may be
 * absent; what is written counts, for other processes and after a crash, once it is kept.
 */
public final class JobFiles implements Closeable {
  private final WorkspaceStorage storage;
  private final String jobId;
  private final Runnable fence;
  private final JobPaths paths;
  private boolean closed;

  JobFiles(WorkspaceStorage storage, String jobId, Runnable fence) throws IOException {
    this.storage = storage;
    this.jobId = jobId;
    this.fence = fence;
    this.paths = new JobPaths(storage.begin(jobId));
  }

  /** Reads the lines as they came in, decompressed. */
  public Path input() throws IOException {
    return fetched(paths.input());
  }

  /** Reads the requests: those that were made of the input, else the input itself. */
  public Path requests() throws IOException {
    Path made = fetched(paths.requests());
    return Files.exists(made) ? made : input();
  }

  /** Reads the lines of one part. */
  public Path part(Part part) throws IOException {
    return fetched(paths.part(part));
  }

  /** Reads the provider's output file of a part. */
  public Path output(Part part) throws IOException {
    return fetched(paths.output(part));
  }

  /** Reads the provider's error file of a part. */
  public Path error(Part part) throws IOException {
    return fetched(paths.error(part));
  }

  /** Reads why requests of a part get no other answer. */
  public Path reasons(Part part) throws IOException {
    return fetched(paths.reasons(part));
  }

  /** Reads what goes to the results route. */
  public Path results() throws IOException {
    return fetched(paths.results());
  }

  /** Reads what goes to the errors route. */
  public Path errors() throws IOException {
    return fetched(paths.errors());
  }

  /** Reads what a split has told of its requests. */
  public Path split() throws IOException {
    return with(List.of(Split.INDEX, Split.REFUSED, Converter.CARRIED));
  }

  /** The folder in which these files are read. */
  public Path with(List<String> names) throws IOException {
    for (String name : names) {
      fetched(paths.folder().resolve(name));
    }
    return paths.folder();
  }

  private Path fetched(Path file) throws IOException {
    storage.fetch(jobId, file);
    return file;
  }

  /** Where files are written that are kept afterwards. */
  public JobPaths toWrite() throws IOException {
    Files.createDirectories(paths.folder());
    return paths;
  }

  /** Keeps files that are complete; only now may a row say that they are there. */
  public void keep(Path... files) throws IOException {
    keep(Arrays.asList(files));
  }

  /** Keeps files that are complete; only now may a row say that they are there. */
  public void keep(Collection<Path> files) throws IOException {
    for (Path file : files) {
      storage.keep(jobId, file, fence);
    }
  }

  /** Deletes what came from the provider for a part, so that it is asked for again. */
  public void discardAnswers(Part part) throws IOException {
    storage.discard(jobId, paths.output(part), fence);
    storage.discard(jobId, paths.error(part), fence);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      storage.end(jobId);
    }
  }
}

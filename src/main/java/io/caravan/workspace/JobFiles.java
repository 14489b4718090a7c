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
 * The files of one job, available locally until closed. Reading a file first fetches its stored
 * version, which may not exist. A written file is visible to other processes, and survives a crash,
 * only after {@link #keep(Path...)}.
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

  /** Fetches the input, decompressed. */
  public Path input() throws IOException {
    return fetched(paths.input());
  }

  /** Fetches the requests: the converted input, or the input itself if it was not converted. */
  public Path requests() throws IOException {
    Path made = fetched(paths.requests());
    return Files.exists(made) ? made : input();
  }

  /** Fetches the requests of one part. */
  public Path part(Part part) throws IOException {
    return fetched(paths.part(part));
  }

  /** Fetches the provider's output file of a part. */
  public Path output(Part part) throws IOException {
    return fetched(paths.output(part));
  }

  /** Fetches the provider's error file of a part. */
  public Path error(Part part) throws IOException {
    return fetched(paths.error(part));
  }

  /** Fetches our own error lines for requests of a part that got no answer. */
  public Path reasons(Part part) throws IOException {
    return fetched(paths.reasons(part));
  }

  /** Fetches the results. */
  public Path results() throws IOException {
    return fetched(paths.results());
  }

  /** Fetches the errors. */
  public Path errors() throws IOException {
    return fetched(paths.errors());
  }

  /** Fetches the files in which a split recorded its requests. */
  public Path split() throws IOException {
    return with(List.of(Split.INDEX, Split.REFUSED, Converter.CARRIED));
  }

  /** Fetches files and returns their folder. */
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

  /** The paths for writing files before they are kept. */
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

  /** Deletes the provider's output and error files of a part, so that they are downloaded again. */
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

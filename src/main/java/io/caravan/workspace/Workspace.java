package io.caravan.workspace;

import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.lease.Replica;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The storage of job files, in a folder or in S3. */
public final class Workspace implements AutoCloseable {
  private final WorkspaceStorage storage;
  private final Replica replica;

  public Workspace(WorkspaceStorage storage, Replica replica) {
    this.storage = storage;
    this.replica = replica;
  }

  /** Opens the files of a claimed row's job; nothing can be kept once the lease has expired. */
  public JobFiles open(Claimed row) throws IOException {
    String jobId =
        switch (row) {
          case Job job -> job.id();
          case Part part -> part.jobId();
        };
    return new JobFiles(storage, jobId, () -> replica.check(row.owner()));
  }

  /** Opens the files of a job that has no row yet. */
  public JobFiles open(String jobId) throws IOException {
    return new JobFiles(storage, jobId, () -> {});
  }

  /**
   * Opens the files of a job that an operator command is about to store while a service may run.
   */
  public JobFiles openByOperator(String jobId) throws IOException {
    storage.markByOperator(jobId);
    return open(jobId);
  }

  /** The ids of all jobs with files, finished or not. */
  public List<String> jobIds() throws IOException {
    return storage.jobIds();
  }

  /**
   * Jobs whose files were left by a killed process if they have no row; call it before routes
   * start.
   */
  public List<String> leftAtStart() throws IOException {
    return storage.leftAtStart();
  }

  /** Whether a job's files are so old that no process is still storing them. */
  public boolean isAbandoned(String jobId) throws IOException {
    return storage.isAbandoned(jobId);
  }

  /**
   * Moves the files of a job without a row out of the workspace: a folder keeps them for a week, S3
   * deletes them.
   */
  public void lose(String jobId) throws IOException {
    storage.lose(jobId);
  }

  /** Deletes a job's files. */
  public void drop(String jobId) throws IOException {
    storage.drop(jobId);
  }

  /** Deletes leftovers to free space. */
  public void sweep() throws IOException {
    storage.sweep();
  }

  /** The local folder in which steps read and write. */
  public Path root() throws IOException {
    return storage.root();
  }

  /** Fails if the storage is not available. */
  public void check() throws IOException {
    storage.check();
  }

  /** The location, as shown to users. */
  @Override
  public String toString() {
    return storage.toString();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }
}

package io.caravan.workspace;

import io.caravan.job.Claimed;
import io.caravan.job.Job;
import io.caravan.job.Part;
import io.caravan.job.Replica;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where a job's bytes live while the job lives: in a folder, or in S3. */
public final class Workspace implements AutoCloseable {
  private final WorkspaceStorage storage;
  private final Replica replica;

  public Workspace(WorkspaceStorage storage, Replica replica) {
    this.storage = storage;
    this.replica = replica;
  }

  /** The files of the job that a row belongs to; nothing is kept once the row may be another's. */
  public JobFiles open(Claimed row) throws IOException {
    String jobId =
        switch (row) {
          case Job job -> job.id();
          case Part part -> part.jobId();
        };
    return new JobFiles(storage, jobId, () -> replica.check(row.owner()));
  }

  /** The files of a job that has no row yet. */
  public JobFiles open(String jobId) throws IOException {
    return new JobFiles(storage, jobId, () -> {});
  }

  /** The files of a job that an operator's process is about to store beside a service. */
  public JobFiles openByOperator(String jobId) throws IOException {
    storage.markByOperator(jobId);
    return open(jobId);
  }

  /** The jobs that have files, live ones and others. */
  public List<String> jobIds() throws IOException {
    return storage.jobIds();
  }

  /** What a killed process has left, provided that no row names it; asked before any route runs. */
  public List<String> leftAtStart() throws IOException {
    return storage.leftAtStart();
  }

  /** Whether a job's files are so old that nobody is still storing them. */
  public boolean isAbandoned(String jobId) throws IOException {
    return storage.isAbandoned(jobId);
  }

  /** Puts away the bytes of a job that has no row: in a folder they are kept for a week. */
  public void lose(String jobId) throws IOException {
    storage.lose(jobId);
  }

  /** Forgets a job's bytes. */
  public void drop(String jobId) throws IOException {
    storage.drop(jobId);
  }

  /** Gives back room that nobody needs any more. */
  public void sweep() throws IOException {
    storage.sweep();
  }

  /** The folder of this machine that steps read and write in. */
  public Path root() throws IOException {
    return storage.root();
  }

  /** Fails when the files cannot be reached now. */
  public void check() throws IOException {
    storage.check();
  }

  /** Where it is, as told to people. */
  @Override
  public String toString() {
    return storage.toString();
  }

  @Override
  public void close() throws IOException {
    storage.close();
  }
}

package io.caravan.workspace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A storage of job files; steps read and write the files in local folders. */
public sealed interface WorkspaceStorage extends AutoCloseable permits FolderStorage, S3Storage {
  /** The local folder that contains the jobs' folders. */
  Path root() throws IOException;

  /**
   * Returns a job's local folder, which is not evicted until {@link #end}; it may not exist yet.
   */
  Path begin(String jobId) throws IOException;

  /** Ends the use of the folder; called once for each {@link #begin}. */
  void end(String jobId);

  /** Replaces a local file by its stored version; deletes it if there is none. */
  void fetch(String jobId, Path file) throws IOException;

  /** Stores a complete local file; the fence runs right before the file becomes visible. */
  void keep(String jobId, Path file, Runnable fence) throws IOException;

  /** Deletes a stored file, if it exists; the fence runs right before. */
  void discard(String jobId, Path file, Runnable fence) throws IOException;

  /** The ids of all jobs with files, finished or not. */
  List<String> jobIds() throws IOException;

  /** Marks a job that an operator command is about to store while a service may run. */
  void markByOperator(String jobId) throws IOException;

  /** Jobs whose files are left over from an earlier process if they have no row. */
  List<String> leftAtStart() throws IOException;

  /** Whether a job's files are so old that no process is still storing them. */
  boolean isAbandoned(String jobId) throws IOException;

  /** Moves files of a job without a row out of the workspace, or deletes them. */
  void lose(String jobId) throws IOException;

  /** Deletes a job's files. */
  void drop(String jobId) throws IOException;

  /** Deletes leftovers to free space. */
  void sweep() throws IOException;

  /** Fails if the storage is not available. */
  void check() throws IOException;

  /** The location, as shown to users. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}

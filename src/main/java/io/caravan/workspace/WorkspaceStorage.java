package io.caravan.workspace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Where the files of jobs are kept; steps read and write them in folders of this machine. */
public sealed interface WorkspaceStorage extends AutoCloseable permits FolderStorage, S3Storage {
  /** The folder of this machine that holds the jobs' folders. */
  Path root() throws IOException;

  /** A job's folder on this machine, left alone until {@link #end}; not made yet. */
  Path begin(String jobId) throws IOException;

  /** The folder is no longer in use; called once for each {@link #begin}. */
  void end(String jobId);

  /** Makes a file in a job's folder the one that is kept; where none is, there is none here. */
  void fetch(String jobId, Path file) throws IOException;

  /** Keeps a file that is complete on this machine; the fence is asked right before it counts. */
  void keep(String jobId, Path file, Runnable fence) throws IOException;

  /** Deletes a file that was kept, if there is one; the fence is asked right before. */
  void discard(String jobId, Path file, Runnable fence) throws IOException;

  /** The jobs that have files, live ones and others. */
  List<String> jobIds() throws IOException;

  /** Says that an operator's process is about to store a job beside a service. */
  void markByOperator(String jobId) throws IOException;

  /** What must be left over from before this process, provided that no row names it. */
  List<String> leftAtStart() throws IOException;

  /** Whether a job's files are so old that nobody is still storing them. */
  boolean isAbandoned(String jobId) throws IOException;

  /** Puts away files that no row names, where they can be put away. */
  void lose(String jobId) throws IOException;

  /** Forgets a job's files. */
  void drop(String jobId) throws IOException;

  /** Gives back room that nobody needs any more. */
  void sweep() throws IOException;

  /** Fails when the storage cannot be used now. */
  void check() throws IOException;

  /** Where it is, as told to people. */
  @Override
  String toString();

  @Override
  void close() throws IOException;
}

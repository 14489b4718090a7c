package io.caravan.job;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Remembers jobs and parts; every step of the flow begins and ends with a row here. */
public interface BatchStore {
  /**
   * Takes a file in, once: the row is there, or the earlier one is named.
   *
   * @param allowDuplicates whether content that was accepted before may be paid for again
   */
  Arrival accept(Job job, boolean allowDuplicates);

  /** Those of some objects' arrivals that a pipeline has accepted, with their jobs' ids. */
  Map<String, String> accepted(String pipeline, Collection<String> arrivals);

  /** The job goes on to {@link JobStatus#IN_PROGRESS} together with its parts, or neither does. */
  Job plan(Job job, List<Part> parts, Consumer<JobBuilder> change);

  /**
   * Writes a changed row, if nobody else has changed it.
   *
   * @throws StaleRowException when somebody has
   * @throws IllegalStateException when the table of transitions has no such step
   */
  Job update(Job job, Consumer<JobBuilder> change);

  /** Writes a changed row, as {@link #update(Job, Consumer)}. */
  Part update(Part part, Consumer<PartBuilder> change);

  /**
   * Writes when a batch that goes on is to be asked again, and lets go of the row. In a power cut
   * this may be lost, and then the batch is asked once more.
   */
  void askAgain(Part part, Consumer<PartBuilder> change);

  /** The part goes on together with the further parts that came out of it, or neither does. */
  Part goOn(Part part, List<Part> further, Consumer<PartBuilder> change);

  /** Takes at most {@code limit} jobs that are due for a step and held by nobody. */
  List<Job> claimJobs(Instant now, int limit);

  /**
   * Takes at most {@code limit} parts to be submitted, retrieved or settled.
   *
   * @param without providers whose parts are left alone, but for steps that do not call them
   */
  List<Part> claimParts(Instant now, int limit, Set<String> without);

  /**
   * Takes at most {@code limit} parts whose batch is due to be asked for its status.
   *
   * @param without providers whose parts are left alone
   */
  List<Part> claimBatches(Instant now, int limit, Set<String> without);

  /** Lets go of a claimed row; harmless when it is not held. */
  void release(Claimed row);

  /** Makes everything due now that is due later, as when the clock was set back. */
  void bringForward(Instant now);

  /** When the next batch is due to be asked, if any waits that nobody is asking about. */
  Optional<Instant> nextBatchDue();

  /** The job of that id. */
  Optional<Job> job(String id);

  /** The part of that id. */
  Optional<Part> part(String id);

  /** The row of a claimed job, unless another replica holds it now. */
  default Optional<Job> held(Job claimed) {
    return job(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** The row of a claimed part, unless another replica holds it now. */
  default Optional<Part> held(Part claimed) {
    return part(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** A job's parts in order. */
  List<Part> parts(String jobId);

  /** Jobs whose id begins so. */
  List<Job> jobsNamed(String beginning, int limit);

  /** The retries of a job, the first one first. */
  List<Job> retries(String jobId);

  /**
   * The job that the requests of a finished one are in now: a retry of it, or the same content
   * dropped again, that still works or has brought results.
   */
  Optional<Job> successor(Job job);

  /** Sets parked rows of a job going again; how many there were. */
  int unpark(String jobId, Instant now);

  /** Makes due now what a job waits for, as far as nobody is at it already. */
  void hurry(String jobId, Instant now);

  /** The latest jobs that were accepted, whatever became of them, the newest first. */
  List<Job> latestJobs(int limit);

  /**
   * The estimated cost, in millionths of a USD, of all jobs accepted since then of which something
   * was sent or will be.
   */
  long estimatedCostSince(Instant acceptedAt);

  /** Jobs that wait for an operator, themselves or one of their parts. */
  List<Job> parkedJobs();

  /** Jobs whose outputs could not be delivered so far. */
  List<Job> undeliveredJobs();

  /** How many jobs of each pipeline are not finished. */
  Map<String, Long> unfinishedJobs();

  /** How many jobs have a part whose next step calls that provider. */
  long jobsWaitingFor(String provider);

  /** How many jobs stand where, for metrics. */
  Map<JobStatus, Long> countJobs();

  /** How many parts stand where, for metrics. */
  Map<PartStatus, Long> countParts();

  /** Gives a path in an outbound folder, or a name, to a job; false when another job has it. */
  boolean reserve(String path, String jobId, String kind);

  /** Takes a path back from a job that is finished; false when that job still works. */
  boolean forfeit(String path);

  /** Where a job's outputs went: kind to path. */
  Map<String, String> deliveries(String jobId);

  /** All paths of the job that has this one. */
  List<String> reservedWith(String path);
}

package io.caravan.job;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The store of jobs and parts; every step of the flow starts by claiming a row and ends by writing
 * it.
 */
public interface BatchStore {
  /**
   * Stores a job for a file, or returns the earlier job for the same file or content.
   *
   * @param allowDuplicates whether content that was accepted before may be sent and paid for again
   */
  Arrival accept(Job job, boolean allowDuplicates);

  /** Of the given arrivals, those that the pipeline has accepted, mapped to job ids. */
  Map<String, String> accepted(String pipeline, Collection<String> arrivals);

  /** Stores the parts and moves the job to {@link JobStatus#IN_PROGRESS}, in one transaction. */
  Job plan(Job job, List<Part> parts, Consumer<JobBuilder> change);

  /**
   * Writes a changed row if it has not changed since it was read.
   *
   * @throws StaleRowException when it has changed or is held by another replica
   * @throws IllegalStateException when the status transition is not allowed
   */
  Job update(Job job, Consumer<JobBuilder> change);

  /** Writes a changed row, like {@link #update(Job, Consumer)}. */
  Part update(Part part, Consumer<PartBuilder> change);

  /**
   * Schedules the next poll of a running batch and releases the row. A power failure may lose this
   * write; then the batch is polled once more.
   */
  void askAgain(Part part, Consumer<PartBuilder> change);

  /** Writes the part and the further parts created from it, in one transaction. */
  Part goOn(Part part, List<Part> further, Consumer<PartBuilder> change);

  /** Claims at most {@code limit} jobs that are due for a step and not held. */
  List<Job> claimJobs(Instant now, int limit);

  /**
   * Claims at most {@code limit} parts that are due to be submitted, retrieved or settled.
   *
   * @param without providers whose parts are skipped, except for steps that do not call the
   *     provider
   */
  List<Part> claimParts(Instant now, int limit, Set<String> without);

  /**
   * Claims at most {@code limit} parts whose batch status is due to be polled.
   *
   * @param without providers whose parts are skipped
   */
  List<Part> claimBatches(Instant now, int limit, Set<String> without);

  /** Releases a claimed row; does nothing if it is not held. */
  void release(Claimed row);

  /** Makes everything due now, for example after the clock was set back. */
  void bringForward(Instant now);

  /** When the next batch that is not held is due to be polled, if there is one. */
  Optional<Instant> nextBatchDue();

  /** The job with that id. */
  Optional<Job> job(String id);

  /** The part with that id. */
  Optional<Part> part(String id);

  /** The row of a claimed job, unless another replica holds it now. */
  default Optional<Job> held(Job claimed) {
    return job(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** The row of a claimed part, unless another replica holds it now. */
  default Optional<Part> held(Part claimed) {
    return part(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** The parts of a job in order. */
  List<Part> parts(String jobId);

  /** Jobs whose id starts with {@code beginning}. */
  List<Job> jobsNamed(String beginning, int limit);

  /** The retries of a job, oldest first. */
  List<Job> retries(String jobId);

  /**
   * The job that now contains the requests of a finished job: a retry, or the same content dropped
   * again, if it is unfinished or has results.
   */
  Optional<Job> successor(Job job);

  /** Unparks a job and its parts; returns how many rows were parked. */
  int unpark(String jobId, Instant now);

  /** Makes the waiting rows of a job due now, except those that a replica holds. */
  void hurry(String jobId, Instant now);

  /** The latest accepted jobs in any status, newest first. */
  List<Job> latestJobs(int limit);

  /**
   * The estimated cost, in millionths of a USD, of all jobs accepted since then that sent something
   * or will send something.
   */
  long estimatedCostSince(Instant acceptedAt);

  /** Jobs that are parked or have a parked part. */
  List<Job> parkedJobs();

  /** Jobs whose outputs could not be delivered yet. */
  List<Job> undeliveredJobs();

  /** The number of unfinished jobs of each pipeline. */
  Map<String, Long> unfinishedJobs();

  /** The number of jobs with a part whose next step calls that provider. */
  long jobsWaitingFor(String provider);

  /** The number of jobs by status, for metrics. */
  Map<JobStatus, Long> countJobs();

  /** The number of parts by status, for metrics. */
  Map<PartStatus, Long> countParts();

  /** Reserves a path in an outbound folder, or a name, for a job; false if another job has it. */
  boolean reserve(String path, String jobId, String kind);

  /** Removes the reservation of a finished job; false if the job is unfinished or there is none. */
  boolean forfeit(String path);

  /** The paths of a job's outputs by kind. */
  Map<String, String> deliveries(String jobId);

  /** All paths reserved by the job that has this one. */
  List<String> reservedWith(String path);
}

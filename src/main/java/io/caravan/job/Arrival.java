package io.caravan.job;

/** The result of accepting a file. */
public sealed interface Arrival {
  /** The job that represents the file. */
  Job job();

  /** The file is new. */
  record Accepted(Job job) implements Arrival {}

  /** The same file was accepted before and is read again, for example after a crash. */
  record Repeated(Job job) implements Arrival {}

  /** The same content was accepted before as {@code earlier}; it is not sent or paid for again. */
  record Duplicate(Job job, Job earlier) implements Arrival {}
}

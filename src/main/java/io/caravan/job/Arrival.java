package io.caravan.job;

/** What the store makes of a file that came in. */
public sealed interface Arrival {
  /** The row that now stands for the file. */
  Job job();

  /** New to the store. */
  record Accepted(Job job) implements Arrival {}

  /** The very same file was accepted before and is read again, as after a crash. */
  record Repeated(Job job) implements Arrival {}

  /** The same content was accepted before as {@code earlier}, and is not paid for again. */
  record Duplicate(Job job, Job earlier) implements Arrival {}
}

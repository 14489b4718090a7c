package io.caravan.job;

import org.jspecify.annotations.Nullable;

/** A job or part that a replica may hold while it works on it. */
public sealed interface Claimed permits Job, Part {
  /** The id, unique among jobs or parts. */
  String id();

  /** The name of the route for the step that is due, such as {@code job-validate}. */
  String step();

  /** When that step may run, and how it went so far. */
  Schedule schedule();

  /** The replica that holds the row. */
  @Nullable String owner();
}

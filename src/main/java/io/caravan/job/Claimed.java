package io.caravan.job;

import org.jspecify.annotations.Nullable;

/** A row that this process works on until it is written back. */
public sealed interface Claimed permits Job, Part {
  /** Identifies the row among its kind. */
  String id();

  /** The step that is due, by the name of its route, such as {@code job-validate}. */
  String step();

  /** Failures in a row of that step. */
  int tries();

  /** The replica that works on it. */
  @Nullable String owner();
}

package io.caravan.server.backend;

import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/** Finds out why something that was begun did not end well. */
public final class FailureReason {
  private FailureReason() {}

  /** What was thrown first, without what carried it here. */
  public static Throwable cause(Throwable problem) {
    boolean carries =
        problem instanceof CompletionException || problem instanceof UncheckedIOException;
    return carries && problem.getCause() != null ? cause(problem.getCause()) : problem;
  }
}

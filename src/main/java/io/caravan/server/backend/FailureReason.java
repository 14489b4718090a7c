package io.caravan.server.backend;

import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;

/** Finds the cause of a failure. */
public final class FailureReason {
  private FailureReason() {}

  /** The original exception, without its wrappers. */
  public static Throwable cause(Throwable problem) {
    boolean carries =
        problem instanceof CompletionException || problem instanceof UncheckedIOException;
    return carries && problem.getCause() != null ? cause(problem.getCause()) : problem;
  }
}

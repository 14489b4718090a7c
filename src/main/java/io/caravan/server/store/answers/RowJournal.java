package io.caravan.server.store.answers;

import io.caravan.lease.StaleRowException;
import io.caravan.server.backend.FailureReason;
import io.caravan.server.store.answers.AnswerStore.Run;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends the answers of one run to the log; after a failure, all further writes fail. */
final class RowJournal implements Journal {
  private final AnswerLog log;
  private final Run run;
  private long last;
  private volatile CompletableFuture<@Nullable Void> sent = CompletableFuture.completedFuture(null);
  private volatile @Nullable Throwable failure;

  /**
   * @param last the number of the last stored group
   */
  RowJournal(AnswerLog log, Run run, long last) {
    this.log = log;
    this.run = run;
    this.last = last;
  }

  Run run() {
    return run;
  }

  /** The number of the next group; called by the writer of the log only. */
  long next() {
    last++;
    return last;
  }

  @Override
  public void add(boolean succeeded, byte[] line) throws IOException {
    sent = append(succeeded, line);
  }

  @Override
  public CompletableFuture<@Nullable Void> append(boolean succeeded, byte[] line)
      throws IOException {
    check();
    return log.add(this, succeeded, line)
        .exceptionallyCompose(problem -> {
          failure = FailureReason.cause(problem);
          return CompletableFuture.failedFuture(reason(failure));
        });
  }

  @Override
  public void sync() throws IOException {
    // join() ignores interrupts: a commit is short
    sent.exceptionally(known -> null).join();
    check();
  }

  private void check() throws IOException {
    Throwable known = failure;
    if (known != null) {
      switch (reason(known)) {
        case IOException e -> throw e;
        case RuntimeException e -> throw e;
        case Exception e -> throw new IllegalStateException(e);
      }
    }
  }

  private static Exception reason(Throwable failure) {
    return failure instanceof StaleRowException lost
        ? lost
        : new IOException("an answer could not be stored", failure);
  }
}

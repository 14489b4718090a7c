package io.caravan.server.store.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.server.backend.FailureReason;
import io.caravan.server.store.Journal;
import io.caravan.server.store.LeaseLostException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Writes the answers of one batch to the database; after a failure, all further writes fail. */
final class PostgresJournal implements Journal {
  private final AnswerLog log;
  private final RunRows.Run run;
  private volatile CompletableFuture<@Nullable Void> last = CompletableFuture.completedFuture(null);
  private volatile @Nullable Throwable failure;

  PostgresJournal(AnswerLog log, RunRows.Run run) {
    this.log = log;
    this.run = run;
  }

  @Override
  public void add(String customId, boolean succeeded, byte[] line) throws IOException {
    last = send(customId, succeeded, line);
  }

  @Override
  public CompletableFuture<@Nullable Void> append(String customId, boolean succeeded, byte[] line)
      throws IOException {
    return send(customId, succeeded, line);
  }

  @Override
  public void sync() throws IOException {
    // join() ignores interrupts: a commit is short
    last.exceptionally(known -> null).join();
    check();
  }

  private CompletableFuture<@Nullable Void> send(String customId, boolean succeeded, byte[] line)
      throws IOException {
    check();
    return log.add(new AnswerLog.Entry(run, hash(customId), succeeded, line))
        .exceptionallyCompose(problem -> {
          failure = FailureReason.cause(problem);
          return CompletableFuture.failedFuture(reason(failure));
        });
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
    return failure instanceof LeaseLostException lost
        ? lost
        : new IOException("an answer could not be stored", failure);
  }

  private static byte[] hash(String customId) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(customId.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

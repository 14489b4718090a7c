package io.caravan.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** The answers of one batch on their way into rows; once one is not kept, none that follows is. */
final class PostgresJournal implements Journal {
  private final AnswerLog log;
  private final RunRows.Run run;
  private volatile CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
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
  public void append(String customId, boolean succeeded, byte[] line) throws IOException {
    await(send(customId, succeeded, line));
  }

  @Override
  public void sync() throws IOException {
    await(last);
  }

  private CompletableFuture<Void> send(String customId, boolean succeeded, byte[] line)
      throws IOException {
    check();
    return log.add(new AnswerLog.Entry(run, hash(customId), succeeded, line))
        .whenComplete((kept, problem) -> {
          if (problem != null) {
            failure = problem;
          }
        });
  }

  /** Also while the thread is interrupted: the answer is here, and a commit takes no time. */
  private void await(CompletableFuture<Void> kept) throws IOException {
    try {
      kept.join();
    } catch (CompletionException e) {
      failure = e.getCause();
    }
    check();
  }

  private void check() throws IOException {
    switch (failure) {
      case null -> {}
      case LeaseLostException lost -> throw lost;
      case Throwable problem -> throw new IOException("an answer could not be kept", problem);
    }
  }

  private static byte[] hash(String customId) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(customId.getBytes(UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

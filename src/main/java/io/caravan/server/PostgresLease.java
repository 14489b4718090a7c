package io.caravan.server;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.util.FileSystemUtils;

/** A batch that this replica runs in a folder which may be lost. */
final class PostgresLease implements Lease {
  /** Answers in memory at once, of some kilobytes each. */
  private static final int PAGE = 100;

  private static final byte[] BEFORE_ALL = {};

  private final String id;
  private final String runner;
  private final PostgresBatches batches;
  private final PostgresAccess postgres;
  private final AnswerLog answers;
  private final BatchFolder folder;
  private volatile PostgresJournal journal;
  private volatile Progress reported = Progress.NONE;
  private volatile long renewedNanos = System.nanoTime();

  PostgresLease(
      String id,
      String runner,
      PostgresBatches batches,
      PostgresAccess postgres,
      AnswerLog answers,
      BatchFolder folder) {
    this.id = id;
    this.runner = runner;
    this.batches = batches;
    this.postgres = postgres;
    this.answers = answers;
    this.folder = folder;
    this.journal = new PostgresJournal(answers, id, runner);
  }

  @Override
  public String id() {
    return id;
  }

  String runner() {
    return runner;
  }

  void renewed(long nanos) {
    renewedNanos = nanos;
  }

  boolean lapsed(long nanos, Duration lease) {
    return nanos - renewedNanos >= lease.toNanos();
  }

  @Override
  public Batch batch() {
    return batches.find(id).orElseThrow();
  }

  @Override
  public Batch update(UnaryOperator<Batch> change) {
    return batches.update(id, change, this::checkHeld);
  }

  /** Whoever wants to take the batch waits until the end of the transaction. */
  private void checkHeld() {
    boolean held =
        postgres
            .jdbc()
            .sql("SELECT batch_id FROM server_run WHERE batch_id = ? AND runner = ? FOR SHARE")
            .params(id, runner)
            .query(String.class)
            .optional()
            .isPresent();
    if (!held) {
      throw new LeaseLostException(id);
    }
  }

  @Override
  public BatchFolder folder() {
    return folder;
  }

  @Override
  public void open() throws IOException {
    journal = new PostgresJournal(answers, id, runner);
    FileSystemUtils.deleteRecursively(folder.path());
    Files.createDirectories(folder.path());
    Optional<String> input = input();
    if (input.isPresent()) {
      try (InputStream in = postgres.chunks().open(input.get())) {
        Files.copy(in, folder.input());
      }
    }
    try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(folder.output()));
        OutputStream errors = new BufferedOutputStream(Files.newOutputStream(folder.errors()))) {
      List<StoredAnswer> page = answersAfter(BEFORE_ALL);
      while (!page.isEmpty()) {
        for (StoredAnswer answer : page) {
          (answer.succeeded() ? output : errors).write(answer.line());
        }
        page = answersAfter(page.getLast().customId());
      }
    }
  }

  private Optional<String> input() {
    return postgres
        .jdbc()
        .sql("SELECT input_id FROM server_run WHERE batch_id = ? AND input_id IS NOT NULL")
        .param(id)
        .query(String.class)
        .optional();
  }

  private List<StoredAnswer> answersAfter(byte[] customId) {
    return postgres
        .jdbc()
        .sql(
            "SELECT custom_id, succeeded, line FROM server_answer"
                + " WHERE batch_id = ? AND custom_id > ? ORDER BY custom_id LIMIT ?")
        .params(id, customId, PAGE)
        .query(StoredAnswer.class)
        .list();
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public void report(Progress progress) {
    if (!progress.equals(reported)) {
      try {
        update(current ->
            current.status() == BatchStatus.IN_PROGRESS && !current.sealed()
                ? current.with(progress)
                : current);
        reported = progress;
      } catch (LeaseLostException e) {
        // whoever runs it now says how far it is
        return;
      }
    }
  }

  @Override
  public void end() throws IOException {
    postgres.inTransaction(() -> {
      Optional<String> input = input();
      input.ifPresent(postgres.chunks()::lock);
      checkHeld();
      postgres.jdbc().sql("DELETE FROM server_answer WHERE batch_id = ?").param(id).update();
      postgres.jdbc().sql("DELETE FROM server_run WHERE batch_id = ?").param(id).update();
      input.ifPresent(postgres.chunks()::deleteUnneeded);
      return true;
    });
    FileSystemUtils.deleteRecursively(folder.path());
  }

  @Override
  public void release() {
    postgres
        .jdbc()
        .sql(
            "UPDATE server_run SET runner = NULL, lease_until = 0 WHERE batch_id = ? AND runner = ?")
        .params(id, runner)
        .update();
  }

  /** One row. */
  @SuppressWarnings("ArrayRecordComponent") // read and written, never compared
  record StoredAnswer(byte[] customId, boolean succeeded, byte[] line) {}
}

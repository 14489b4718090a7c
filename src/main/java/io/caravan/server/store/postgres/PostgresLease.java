package io.caravan.server.store.postgres;

import io.caravan.disk.DiskReserve;
import io.caravan.server.store.BatchFolder;
import io.caravan.server.store.BatchProgress;
import io.caravan.server.store.Journal;
import io.caravan.server.store.Lease;
import io.caravan.server.store.LeaseLostException;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredBatchStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.util.FileSystemUtils;

/** The lease of a batch stored in the database; this replica runs it in a disposable folder. */
final class PostgresLease implements Lease {
  private final RunRows.Run run;
  private final PostgresBatches batches;
  private final RunRows runs;
  private final PostgresAccess postgres;
  private final AnswerRows rows;
  private final AnswerLog answers;
  private final BatchFolder folder;
  private volatile PostgresJournal journal;
  private volatile BatchProgress reported = BatchProgress.NONE;
  private volatile long renewedNanos = System.nanoTime();

  PostgresLease(
      RunRows.Run run,
      PostgresBatches batches,
      RunRows runs,
      PostgresAccess postgres,
      AnswerLog answers,
      BatchFolder folder) {
    this.run = run;
    this.batches = batches;
    this.runs = runs;
    this.postgres = postgres;
    this.rows = new AnswerRows(postgres.jdbc());
    this.answers = answers;
    this.folder = folder;
    this.journal = new PostgresJournal(answers, run);
  }

  @Override
  public String id() {
    return run.batchId();
  }

  RunRows.Run run() {
    return run;
  }

  void renewed(long nanos) {
    renewedNanos = nanos;
  }

  boolean lapsed(long nanos, Duration lease) {
    return nanos - renewedNanos >= lease.toNanos();
  }

  @Override
  public StoredBatch batch() {
    return batches.find(id()).orElseThrow();
  }

  @Override
  public StoredBatch update(UnaryOperator<StoredBatch> change) {
    return batches.update(id(), change, () -> runs.check(run));
  }

  @Override
  public BatchFolder folder() {
    return folder;
  }

  @Override
  public void open() throws IOException {
    journal = new PostgresJournal(answers, run);
    FileSystemUtils.deleteRecursively(folder.path());
    Files.createDirectories(folder.path());
    Optional<String> input = runs.input(id());
    if (input.isPresent()) {
      try (InputStream in = postgres.chunks().open(input.get());
          OutputStream out = DiskReserve.newOutputStream(folder.input())) {
        in.transferTo(out);
      }
    }
    rows.copy(id(), folder);
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public void report(BatchProgress progress) {
    if (!progress.equals(reported)) {
      try {
        update(current ->
            current.status() == StoredBatchStatus.IN_PROGRESS && !current.sealed()
                ? current.with(progress)
                : current);
        reported = progress;
      } catch (LeaseLostException e) {
        // the replica that runs it now reports its progress
        return;
      }
    }
  }

  @Override
  public void end() throws IOException {
    postgres.inTransaction(() -> {
      Optional<String> input = runs.input(id());
      input.ifPresent(postgres.chunks()::lock);
      runs.check(run);
      rows.delete(id());
      runs.delete(id());
      input.ifPresent(postgres.chunks()::deleteUnneeded);
      return true;
    });
    FileSystemUtils.deleteRecursively(folder.path());
  }

  @Override
  public void release() {
    runs.release(run);
  }
}

package io.caravan.server.store;

import io.caravan.lease.StaleRowException;
import io.caravan.server.store.answers.AnswerStore;
import io.caravan.server.store.answers.AnswerStore.Run;
import io.caravan.server.store.answers.BatchFolder;
import io.caravan.server.store.answers.Journal;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.util.FileSystemUtils;

/** The lease of one batch, held by this server until it ends or another server takes it over. */
public final class Lease {
  private final Run run;
  private final Batches batches;
  private final RunRows runs;
  private final ServerDatabase database;
  private final Contents contents;
  private final AnswerStore answers;
  private final BatchFolder folder;
  private volatile Journal journal = Journal.NONE;
  private volatile BatchProgress reported = BatchProgress.NONE;

  Lease(
      Run run,
      Batches batches,
      RunRows runs,
      ServerDatabase database,
      Contents contents,
      AnswerStore answers,
      BatchFolder folder) {
    this.run = run;
    this.batches = batches;
    this.runs = runs;
    this.database = database;
    this.contents = contents;
    this.answers = answers;
    this.folder = folder;
  }

  public String id() {
    return run.batchId();
  }

  Run run() {
    return run;
  }

  /** The currently stored state of the batch. */
  public StoredBatch batch() {
    return batches.find(id()).orElseThrow();
  }

  /**
   * Changes the stored state of the batch.
   *
   * @throws StaleRowException if another server has taken over the batch
   */
  public StoredBatch update(UnaryOperator<StoredBatch> change) {
    return batches.update(id(), change, () -> runs.check(run));
  }

  /** The folder of its input and results while it runs. */
  public BatchFolder folder() {
    return folder;
  }

  /** Prepares the folder: restores the input and the stored answers. */
  public void open() throws IOException {
    journal = answers.open(run, folder);
    Optional<String> input = runs.input(id());
    if (input.isPresent() && Files.notExists(folder.input())) {
      contents.copyTo(input.get(), folder.input());
    }
  }

  /** The journal that stores answers outside the folder. */
  public Journal journal() {
    return journal;
  }

  /** Publishes the progress to other servers. */
  public void report(BatchProgress progress) {
    if (!progress.equals(reported)) {
      try {
        update(current ->
            current.status() == StoredBatchStatus.IN_PROGRESS && !current.sealed()
                ? current.with(progress)
                : current);
        reported = progress;
      } catch (StaleRowException e) {
        // the replica that runs it now reports its progress
        return;
      }
    }
  }

  /** Deletes the data that an ended batch no longer needs. */
  public void end() throws IOException {
    Optional<String> unneeded =
        database.inTransaction(() -> {
          Optional<String> input = runs.input(id());
          input.ifPresent(contents::lock);
          runs.check(run);
          answers.delete(id());
          runs.delete(id());
          return input.filter(contents::forgetUnneeded);
        });
    unneeded.ifPresent(contents::drop);
    FileSystemUtils.deleteRecursively(folder.path());
  }

  /** Releases an unfinished batch, so that another server may take it over. */
  public void release() {
    runs.release(run);
  }
}

package io.caravan.server.store;

import io.caravan.server.store.Documents.Stored;
import io.caravan.server.store.answers.AnswerStore;
import io.caravan.server.store.answers.AnswerStore.Run;
import io.caravan.server.store.answers.BatchFolder;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The store of batches, and the leases of those that this server runs. */
public final class Batches {
  /** The delay, at most, until replicas see each other's progress and cancellations. */
  private static final Duration LONGEST_RHYTHM = Duration.ofSeconds(1);

  private static final int BEATS_A_LEASE = 5;
  private static final int FORGOTTEN_AT_ONCE = 100;
  private static final String NOT_RUNNING =
      "NOT EXISTS (SELECT 1 FROM server_run WHERE batch_id = id)";

  private final ServerDatabase database;
  private final Documents<StoredBatch> documents;
  private final RunRows runs;
  private final StoredFiles files;
  private final Contents contents;
  private final AnswerStore answers;
  private final Path folder;
  private final Duration lease;
  private final Clock clock;

  /**
   * Opens the store.
   *
   * @param folder for the results of running batches
   */
  Batches(
      ServerDatabase database,
      StoredFiles files,
      Contents contents,
      AnswerStore answers,
      Path folder,
      Duration lease,
      Clock clock) {
    this.database = database;
    this.documents = database.documents("batch", StoredBatch.class, StoredBatch::id);
    this.runs = new RunRows(database);
    this.files = files;
    this.contents = contents;
    this.answers = answers;
    this.folder = folder;
    this.lease = lease;
    this.clock = clock;
  }

  /** Creates a batch with its own reference to the input, which survives deletion of the file. */
  public Lease create(String owner, BatchForm form) {
    return database.inTransaction(() -> {
      Optional<String> input =
          input(files, owner, form).map(StoredFile::id).filter(id -> contents.lock(id));
      StoredBatch batch =
          StoredBatch.create(documents.nextSequence(), owner, form, clock.instant());
      put(batch);
      Transitions.created(batch);
      return held(runs.insert(batch.id(), input));
    });
  }

  void put(StoredBatch batch) {
    StoredBatch.Order order = batch.order();
    documents.put(batch, order.owner(), order.form().provider(), order.sequence(), null);
  }

  /** Finds the input file, if it belongs to the owner and has purpose batch. */
  public static Optional<StoredFile> input(StoredFiles files, String owner, BatchForm form) {
    return files
        .find(form.inputFileId())
        .filter(file -> file.owner().equals(owner) && file.purpose().equals(FileForm.BATCH));
  }

  public Optional<StoredBatch> find(String id) {
    return documents.find(id).map(Stored::document);
  }

  public Page<StoredBatch> list(Listing listing) {
    return documents.list(listing, clock.instant());
  }

  /**
   * Cancels a batch and notifies the server that runs it; has no effect once it is too late. Locks
   * rows in the same order as the runner does: first the run, then the batch.
   */
  public StoredBatch cancel(String id) {
    return update(id, batch -> batch.cancel(clock.instant()), () -> runs.askToCancel(id));
  }

  /** Retries on a concurrent change; {@code first} runs in the same transaction as the update. */
  StoredBatch update(String id, UnaryOperator<StoredBatch> change, Runnable first) {
    while (true) {
      Stored<StoredBatch> before = documents.find(id).orElseThrow();
      StoredBatch after = change.apply(before.document());
      if (after.equals(before.document())) {
        return after;
      }
      boolean written =
          database.inTransaction(() -> {
            first.run();
            return documents.replace(before, after);
          });
      if (written) {
        Transitions.log(before.document(), after);
        return after;
      }
    }
  }

  /** Leases unfinished batches that no server runs, about {@code room} of them. */
  public List<Lease> claim(int room) {
    return room < 1
        ? List.of()
        : database.inTransaction(() -> runs.claim(room).stream().map(this::held).toList());
  }

  /** Deletes the batches that ended before the time, 100 at a time. */
  public void forgetEndedBefore(Instant time) {
    List<String> old;
    do {
      old =
          documents.oldest(FORGOTTEN_AT_ONCE, NOT_RUNNING).stream()
              .filter(batch -> batch.endedBefore(time))
              .map(StoredBatch::id)
              .toList();
      old.forEach(documents::delete);
    } while (!old.isEmpty());
  }

  /** The interval between two looks. */
  public Duration rhythm() {
    Duration beat = lease.dividedBy(BEATS_A_LEASE);
    return beat.compareTo(LONGEST_RHYTHM) < 0 ? beat : LONGEST_RHYTHM;
  }

  /**
   * Looks which batches are still held and which are to be cancelled. While the database is
   * unavailable, all are lost as soon as the lease of this replica has expired.
   */
  public News look(Collection<Lease> leases) {
    Set<String> expired =
        leases.stream()
            .filter(held -> !database.replica().holds(held.run().owner()))
            .map(Lease::id)
            .collect(Collectors.toUnmodifiableSet());
    if (leases.isEmpty() || expired.size() == leases.size()) {
      return new News(expired, Set.of());
    }
    Map<String, Boolean> held = runs.heldBy(database.replica().id());
    return new News(
        leases.stream()
            .map(Lease::id)
            .filter(id -> expired.contains(id) || !held.containsKey(id))
            .collect(Collectors.toUnmodifiableSet()),
        held.keySet().stream().filter(held::get).collect(Collectors.toUnmodifiableSet()));
  }

  /** What other servers changed: batches whose lease is lost, and batches to cancel. */
  public record News(Set<String> lost, Set<String> cancelled) {}

  private Lease held(Run run) {
    return new Lease(
        run,
        this,
        runs,
        database,
        contents,
        answers,
        new BatchFolder(folder.resolve(run.batchId())));
  }
}

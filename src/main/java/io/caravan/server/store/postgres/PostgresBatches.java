package io.caravan.server.store.postgres;

import io.caravan.server.store.BatchFolder;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.Batches;
import io.caravan.server.store.Lease;
import io.caravan.server.store.Listing;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Transitions;
import io.caravan.server.store.postgres.PostgresDocuments.Stored;
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
import org.springframework.dao.DataAccessException;

/** Store batches in the database; an unfinished batch is run by the replica that has its lease. */
public final class PostgresBatches implements Batches {
  /** The delay, at most, until replicas see each other's progress and cancellations. */
  private static final Duration LONGEST_RHYTHM = Duration.ofSeconds(1);

  private static final int BEATS_A_LEASE = 5;
  private static final int FORGOTTEN_AT_ONCE = 100;
  private static final String NOT_RUNNING =
      "NOT EXISTS (SELECT 1 FROM server_run WHERE batch_id = id)";

  private final PostgresAccess postgres;
  private final PostgresDocuments<StoredBatch> documents;
  private final RunRows runs;
  private final StoredFiles files;
  private final AnswerLog answers;
  private final Path scratch;
  private final Duration lease;
  private final Clock clock;

  public PostgresBatches(
      PostgresAccess postgres,
      StoredFiles files,
      AnswerLog answers,
      Path scratch,
      Duration lease,
      Clock clock) {
    this.postgres = postgres;
    this.documents = postgres.documents("batch", StoredBatch.class, StoredBatch::id);
    this.runs = new RunRows(postgres.jdbc(), lease);
    this.files = files;
    this.answers = answers;
    this.scratch = scratch;
    this.lease = lease;
    this.clock = clock;
  }

  @Override
  public Lease create(String owner, BatchForm form) {
    return postgres.inTransaction(() -> {
      Optional<String> input =
          Batches.input(files, owner, form)
              .map(StoredFile::id)
              .filter(id -> postgres.chunks().lock(id));
      StoredBatch batch =
          StoredBatch.create(documents.nextSequence(), owner, form, clock.instant());
      documents.put(batch, owner, form.provider(), batch.order().sequence(), null);
      Transitions.created(batch);
      return held(runs.insert(batch.id(), input));
    });
  }

  @Override
  public Optional<StoredBatch> find(String id) {
    return documents.find(id).map(Stored::document);
  }

  @Override
  public Page<StoredBatch> list(Listing listing) {
    return documents.list(listing, clock.instant());
  }

  /** Locks rows in the same order as the runner does: first the run, then the batch. */
  @Override
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
          postgres.inTransaction(() -> {
            first.run();
            return documents.replace(before, after);
          });
      if (written) {
        Transitions.log(before.document(), after);
        return after;
      }
    }
  }

  @Override
  public List<Lease> claim(int room) {
    return room < 1
        ? List.of()
        : postgres.inTransaction(() -> runs.claim(room).stream().<Lease>map(this::held).toList());
  }

  /** Checks the oldest 100 batches at a time, until none of them has to be deleted. */
  @Override
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

  @Override
  public Duration rhythm() {
    Duration beat = lease.dividedBy(BEATS_A_LEASE);
    return beat.compareTo(LONGEST_RHYTHM) < 0 ? beat : LONGEST_RHYTHM;
  }

  /** While the database is unavailable, leases that were not renewed in time count as lost. */
  @Override
  public Renewal renew(Collection<Lease> leases) {
    Map<String, PostgresLease> held =
        leases.stream()
            .map(PostgresLease.class::cast)
            .collect(Collectors.toMap(Lease::id, own -> own));
    long asked = System.nanoTime();
    try {
      Map<String, Boolean> renewed =
          held.isEmpty()
              ? Map.of()
              : runs.renew(held.values().stream().map(PostgresLease::run).toList());
      held.values().stream()
          .filter(own -> renewed.containsKey(own.id()))
          .forEach(own -> own.renewed(asked));
      return new Renewal(
          held.keySet().stream()
              .filter(id -> !renewed.containsKey(id))
              .collect(Collectors.toUnmodifiableSet()),
          renewed.keySet().stream().filter(renewed::get).collect(Collectors.toUnmodifiableSet()));
    } catch (DataAccessException e) {
      return new Renewal(
          held.values().stream()
              .filter(own -> own.lapsed(asked, lease))
              .map(Lease::id)
              .collect(Collectors.toUnmodifiableSet()),
          Set.of());
    }
  }

  private PostgresLease held(RunRows.Run run) {
    var folder = new BatchFolder(scratch.resolve(run.batchId()));
    return new PostgresLease(run, this, runs, postgres, answers, folder);
  }
}

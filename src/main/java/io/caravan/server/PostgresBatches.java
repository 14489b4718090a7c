package io.caravan.server;

import io.caravan.server.PostgresDocuments.Stored;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;

/** Batches in the database; each that has not ended is run by the replica that has its lease. */
final class PostgresBatches implements Batches {
  /** Others are to see within about this time how far a batch is, or that it is to be cancelled. */
  private static final Duration LONGEST_RHYTHM = Duration.ofSeconds(1);

  private static final int BEATS_A_LEASE = 5;

  private final PostgresAccess postgres;
  private final PostgresDocuments<Batch> documents;
  private final StoredFiles files;
  private final AnswerLog answers;
  private final Path scratch;
  private final Duration lease;
  private final Clock clock;

  PostgresBatches(
      PostgresAccess postgres,
      StoredFiles files,
      AnswerLog answers,
      Path scratch,
      Duration lease,
      Clock clock) {
    this.postgres = postgres;
    this.documents = postgres.documents("batch", Batch.class, Batch::id);
    this.files = files;
    this.answers = answers;
    this.scratch = scratch;
    this.lease = lease;
    this.clock = clock;
  }

  @Override
  public Lease create(String owner, BatchForm form) {
    String runner = newRunner();
    Batch batch =
        postgres.inTransaction(() -> {
          Optional<String> input =
              Batches.input(files, owner, form)
                  .map(StoredFile::id)
                  .filter(id -> postgres.chunks().lock(id));
          Batch draft = Batch.create(documents.nextSequence(), owner, form, clock.instant());
          documents.put(draft, owner, null, draft.order().sequence(), null);
          insertRun(draft.id(), input, runner);
          return draft;
        });
    Transitions.created(batch);
    return held(batch.id(), runner);
  }

  private void insertRun(String id, Optional<String> input, String runner) {
    postgres
        .jdbc()
        .sql(
            "INSERT INTO server_run (batch_id, input_id, runner, lease_until, cancelling)"
                + " VALUES (:id, :input, :runner, %s + :lease, FALSE)"
                    .formatted(PostgresAccess.NOW))
        .param("id", id)
        .param("input", input.orElse(null))
        .param("runner", runner)
        .param("lease", lease.toMillis())
        .update();
  }

  @Override
  public Optional<Batch> find(String id) {
    return documents.find(id).map(Stored::document);
  }

  @Override
  public Page<Batch> list(Listing listing) {
    return documents.list(listing, clock.instant());
  }

  /** Rows are locked in the order in which a runner does: its run, then the batch. */
  @Override
  public Batch cancel(String id) {
    return update(
        id,
        batch -> batch.cancel(clock.instant()),
        () ->
            postgres
                .jdbc()
                .sql("UPDATE server_run SET cancelling = TRUE WHERE batch_id = ?")
                .param(id)
                .update());
  }

  /** Looks again when somebody else was faster; {@code first} is in the same transaction. */
  Batch update(String id, UnaryOperator<Batch> change, Runnable first) {
    while (true) {
      Stored<Batch> before = documents.find(id).orElseThrow();
      Batch after = change.apply(before.document());
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

  /** The rows are locked before they are taken: an UPDATE alone would take some of them twice. */
  @Override
  public List<Lease> claim(int room) {
    if (room < 1) {
      return List.of();
    }
    return postgres.inTransaction(() -> free(room).stream().map(this::take).toList());
  }

  private List<String> free(int room) {
    return postgres
        .jdbc()
        .sql(
            "SELECT batch_id FROM server_run WHERE lease_until <= %s ORDER BY lease_until LIMIT :room FOR UPDATE SKIP LOCKED"
                .formatted(PostgresAccess.NOW))
        .param("room", room)
        .query(String.class)
        .list();
  }

  private Lease take(String id) {
    String runner = newRunner();
    postgres
        .jdbc()
        .sql(
            "UPDATE server_run SET runner = :runner, lease_until = %s + :lease WHERE batch_id = :id"
                .formatted(PostgresAccess.NOW))
        .param("runner", runner)
        .param("lease", lease.toMillis())
        .param("id", id)
        .update();
    return held(id, runner);
  }

  @Override
  public Duration rhythm() {
    Duration beat = lease.dividedBy(BEATS_A_LEASE);
    return beat.compareTo(LONGEST_RHYTHM) < 0 ? beat : LONGEST_RHYTHM;
  }

  /** Without the database, what was not renewed for the time of a lease may be another's by now. */
  @Override
  public Renewal renew(Collection<Lease> leases) {
    Map<String, PostgresLease> held =
        leases.stream()
            .map(PostgresLease.class::cast)
            .collect(Collectors.toMap(Lease::id, own -> own));
    long asked = System.nanoTime();
    try {
      Map<String, Boolean> renewed = held.isEmpty() ? Map.of() : renew(held);
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

  /** Which are still ours, and whether they are to be cancelled. */
  private Map<String, Boolean> renew(Map<String, PostgresLease> held) {
    List<PostgresLease> leases = List.copyOf(held.values());
    Map<String, Boolean> renewed = new HashMap<>();
    postgres
        .jdbc()
        .sql(
            "UPDATE server_run SET lease_until = %s + :lease".formatted(PostgresAccess.NOW)
                + " FROM unnest(CAST(:ids AS text[]), CAST(:runners AS text[])) AS held (id, name)"
                + " WHERE batch_id = held.id AND runner = held.name RETURNING batch_id, cancelling")
        .param("lease", lease.toMillis())
        .param("ids", leases.stream().map(Lease::id).toArray(String[]::new))
        .param("runners", leases.stream().map(PostgresLease::runner).toArray(String[]::new))
        .query(row -> {
          renewed.put(row.getString("batch_id"), row.getBoolean("cancelling"));
        });
    return renewed;
  }

  private PostgresLease held(String id, String runner) {
    return new PostgresLease(
        id, runner, this, postgres, answers, new BatchFolder(scratch.resolve(id)));
  }

  /** Another one for each time that a batch is taken, so that a late write of before is noticed. */
  private static String newRunner() {
    return UUID.randomUUID().toString();
  }
}

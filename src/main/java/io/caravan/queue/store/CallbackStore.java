package io.caravan.queue.store;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.queue.Callback;
import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.CallbackStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The rows of callbacks, and of receivers whose calls fail. A receiver that has failed {@value
 * #TRIP} times in a row is paused; then one callback is tried, while all others wait.
 */
public final class CallbackStore {
  /** Consecutive failures after which a receiver is paused. */
  public static final int TRIP = 10;

  private static final Duration SHORTEST_PAUSE = Duration.ofMinutes(5);
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  /** A bit longer than the longest call. */
  private static final Duration TRIAL = Duration.ofSeconds(30);

  private static final int ROWS = 1000;
  private static final int MOST_PROBLEM = 500;

  static final String CALLBACK =
      "SELECT c.*, e.failures, e.paused_until, e.disabled_at FROM queue_callback c"
          + " LEFT JOIN queue_callback_endpoint e ON e.id = c.endpoint ";

  private final JdbcClient jdbc;
  private final JdbcOperations batches;
  private final TransactionOperations transactions;
  private final Database database;
  private final Replica replica;
  private final Clock clock;

  public CallbackStore(
      JdbcClient jdbc,
      JdbcOperations batches,
      TransactionOperations transactions,
      Database database,
      Replica replica,
      Clock clock) {
    this.jdbc = jdbc;
    this.batches = batches;
    this.transactions = transactions;
    this.database = database;
    this.replica = replica;
    this.clock = clock;
  }

  /** Stores that callbacks are due, in the caller's transaction. */
  void add(Collection<CallbackOrder> orders) {
    if (orders.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    Map<String, Callback.Health> known =
        health(orders.stream().map(order -> order.endpoint().id()).distinct().toList());
    batches.batchUpdate(
        "INSERT INTO queue_callback (id, request_id, client, url, lane, endpoint, status, tries,"
            + " created_at, since_at, due_at, ended_at, problem)"
            + " VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        orders.stream().map(order -> row(order, known, now)).toList());
  }

  private static @Nullable Object[] row(
      CallbackOrder order, Map<String, Callback.Health> known, Instant now) {
    CallbackEndpoint endpoint = order.endpoint();
    Callback.Health health = known.get(endpoint.id());
    boolean disabled = health != null && health.disabledAt() != null;
    Instant due =
        health == null || health.pausedUntil() == null || health.pausedUntil().isBefore(now)
            ? now
            : health.pausedUntil();
    return new @Nullable Object[] {
      order.id(),
      order.requestId(),
      endpoint.client(),
      endpoint.url(),
      endpoint.lane().column(),
      endpoint.id(),
      (disabled ? CallbackStatus.DISABLED : CallbackStatus.PENDING).name(),
      now.toEpochMilli(),
      now.toEpochMilli(),
      disabled ? null : due.toEpochMilli(),
      disabled ? now.toEpochMilli() : null,
      disabled ? "the receiver takes no more callbacks" : null
    };
  }

  private Map<String, Callback.Health> health(List<String> endpoints) {
    var health = new HashMap<String, Callback.Health>();
    jdbc.sql(
            "SELECT id, failures, paused_until, disabled_at FROM queue_callback_endpoint"
                + " WHERE id IN (:ids)")
        .param("ids", endpoints)
        .query(row -> {
          health.put(row.getString("id"), Objects.requireNonNull(health(row)));
        });
    return health;
  }

  /** The lanes with callbacks that are due, the longest due first. */
  public List<CallbackEndpoint.Lane> dueLanes() {
    String next =
        "SELECT MIN(lane) FROM queue_callback WHERE due_at IS NOT NULL AND lane > lanes.lane";
    return jdbc
        .sql(
            "WITH RECURSIVE lanes(lane) AS (" // one look at the index for each lane, however many
                // rows it has
                + "SELECT MIN(lane) FROM queue_callback WHERE due_at IS NOT NULL"
                + " UNION ALL SELECT (%s) FROM lanes WHERE lane IS NOT NULL)".formatted(next)
                + " SELECT lane FROM (SELECT lane, (SELECT MIN(due_at) FROM queue_callback c"
                + " WHERE c.lane = lanes.lane AND c.due_at IS NOT NULL) AS due FROM lanes"
                + " WHERE lane IS NOT NULL) AS found WHERE due <= ? ORDER BY due")
        .param(clock.millis())
        .query(String.class)
        .list()
        .stream()
        .map(CallbackEndpoint.Lane::of)
        .toList();
  }

  /** Claims callbacks of a lane that are due, the longest due first. */
  public List<Callback> claim(CallbackEndpoint.Lane lane, int most) {
    return transactions.execute(tx -> {
      Instant now = clock.instant();
      List<String> due =
          jdbc.sql(
                  "SELECT id FROM queue_callback WHERE lane = ? AND due_at <= ? AND "
                      + database.isFree()
                      + " ORDER BY due_at LIMIT ? "
                      + database.skipLocked())
              .params(lane.column(), now.toEpochMilli(), most)
              .query(String.class)
              .list();
      var claimed = new ArrayList<Callback>();
      for (Callback callback : due.isEmpty() ? List.<Callback>of() : all(due)) {
        if (isAdmitted(callback, now)) {
          jdbc.sql("UPDATE queue_callback SET owner = ? WHERE id = ?")
              .params(replica.id(), callback.id())
              .update();
          claimed.add(owned(callback));
        }
      }
      return claimed;
    });
  }

  private Callback owned(Callback it) {
    return new Callback(
        it.id(),
        it.requestId(),
        it.endpoint(),
        it.status(),
        it.tries(),
        it.createdAt(),
        it.dueAt(),
        it.triedAt(),
        it.endedAt(),
        it.answer(),
        it.problem(),
        replica.id(),
        it.health());
  }

  private List<Callback> all(List<String> ids) {
    return jdbc.sql(CALLBACK + "WHERE c.id IN (:ids) ORDER BY c.due_at")
        .param("ids", ids)
        .query((row, n) -> callback(row))
        .list();
  }

  /** Whether its receiver may be called; else its callbacks wait, or end. */
  private boolean isAdmitted(Callback callback, Instant now) {
    String endpoint = callback.endpoint().id();
    Callback.Health health =
        callback.health() == null ? null : health(List.of(endpoint)).get(endpoint);
    if (health == null) {
      return true;
    }
    if (health.disabledAt() != null) {
      disableSome(endpoint, now);
      return false;
    }
    Instant until = health.pausedUntil();
    if (until == null) {
      return true;
    }
    if (until.isAfter(now)) {
      postponeSome(endpoint, until);
      return false;
    }
    Instant trialEnds = now.plus(TRIAL);
    return jdbc.sql(
                "UPDATE queue_callback_endpoint SET paused_until = ?"
                    + " WHERE id = ? AND paused_until = ?")
            .params(trialEnds.toEpochMilli(), endpoint, until.toEpochMilli())
            .update()
        > 0;
  }

  private void postponeSome(String endpoint, Instant until) {
    jdbc.sql(
            "UPDATE queue_callback SET due_at = :until WHERE id IN (SELECT id FROM queue_callback"
                + " WHERE endpoint = :endpoint AND due_at < :until LIMIT :rows "
                + database.skipLocked()
                + ")")
        .param("until", until.toEpochMilli())
        .param("endpoint", endpoint)
        .param("rows", ROWS)
        .update();
  }

  private int disableSome(String endpoint, Instant now) {
    return jdbc.sql(
            "UPDATE queue_callback SET status = 'DISABLED', due_at = NULL, owner = NULL,"
                + " ended_at = :now, problem = 'the receiver takes no more callbacks'"
                + " WHERE id IN (SELECT id FROM queue_callback WHERE endpoint = :endpoint"
                + " AND due_at IS NOT NULL AND owner IS NULL LIMIT :rows "
                + database.skipLocked()
                + ")")
        .param("now", now.toEpochMilli())
        .param("endpoint", endpoint)
        .param("rows", ROWS)
        .update();
  }

  /** Releases callbacks that this replica has claimed, except those that it still sends. */
  public void releaseExcept(Collection<String> sending) {
    jdbc.sql(
            "UPDATE queue_callback SET owner = NULL WHERE due_at IS NOT NULL AND owner = :owner"
                + " AND id NOT IN (:sending)")
        .param("owner", replica.id())
        .param("sending", sending.isEmpty() ? List.of("") : sending)
        .update();
  }

  /**
   * Stores the outcome of an attempt, and releases the callback.
   *
   * @return how the receiver fares; empty while it works, or if another replica has taken over
   */
  public Optional<Callback.Health> record(Callback callback, CallbackOutcome outcome) {
    Instant now = clock.instant();
    Optional<Callback.Health> health =
        transactions.execute(tx ->
            switch (outcome) {
              case CallbackOutcome.Delivered(int answer) -> {
                if (end(callback, CallbackStatus.DELIVERED, answer, null, now)
                    && callback.health() != null) {
                  jdbc.sql(
                          "DELETE FROM queue_callback_endpoint WHERE id = ? AND disabled_at IS NULL")
                      .param(callback.endpoint().id())
                      .update();
                }
                yield Optional.<Callback.Health>empty();
              }
              case CallbackOutcome.Failed failed ->
                  fail(callback, failed, now)
                      ? Optional.of(failure(callback, failed.holdUntil(), now))
                      : Optional.<Callback.Health>empty();
              case CallbackOutcome.Disabled(int answer, String problem) ->
                  end(callback, CallbackStatus.DISABLED, answer, problem, now)
                      ? Optional.of(disable(callback, now))
                      : Optional.<Callback.Health>empty();
            });
    if (health.isPresent() && health.get().disabledAt() != null) {
      int disabled;
      do {
        disabled = disableSome(callback.endpoint().id(), now);
      } while (disabled == ROWS);
    }
    return health;
  }

  private boolean end(
      Callback callback,
      CallbackStatus status,
      @Nullable Integer answer,
      @Nullable String problem,
      Instant now) {
    return jdbc.sql(
                "UPDATE queue_callback SET status = :status, tries = tries + 1, due_at = NULL,"
                    + " tried_at = :now, ended_at = :now, answer = :answer, problem = :problem,"
                    + " owner = NULL WHERE id = :id AND owner = :owner")
            .param("status", status.name())
            .param("now", now.toEpochMilli())
            .param("answer", answer)
            .param("problem", shortened(problem))
            .param("id", callback.id())
            .param("owner", callback.owner())
            .update()
        > 0;
  }

  private boolean fail(Callback callback, CallbackOutcome.Failed failed, Instant now) {
    if (failed.retryAt() == null) {
      return end(callback, CallbackStatus.EXHAUSTED, failed.answer(), failed.problem(), now);
    }
    return jdbc.sql(
                "UPDATE queue_callback SET status = 'FAILED', tries = tries + 1, due_at = :due,"
                    + " tried_at = :now, answer = :answer, problem = :problem, owner = NULL"
                    + " WHERE id = :id AND owner = :owner")
            .param("due", failed.retryAt().toEpochMilli())
            .param("now", now.toEpochMilli())
            .param("answer", failed.answer())
            .param("problem", shortened(failed.problem()))
            .param("id", callback.id())
            .param("owner", callback.owner())
            .update()
        > 0;
  }

  private static @Nullable String shortened(@Nullable String problem) {
    return problem == null || problem.length() <= MOST_PROBLEM
        ? problem
        : problem.substring(0, MOST_PROBLEM);
  }

  private Callback.Health failure(Callback callback, @Nullable Instant holdUntil, Instant now) {
    String id = callback.endpoint().id();
    int failures =
        jdbc.sql(
                "INSERT INTO queue_callback_endpoint (id, failures, changed_at) VALUES (:id, 1, :now)"
                    + " ON CONFLICT (id) DO UPDATE SET"
                    + " failures = queue_callback_endpoint.failures + 1,"
                    + " changed_at = excluded.changed_at RETURNING failures")
            .param("id", id)
            .param("now", now.toEpochMilli())
            .query(Integer.class)
            .single();
    Instant until = failures < TRIP ? null : now.plus(pause(failures));
    if (holdUntil != null && (until == null || until.isBefore(holdUntil))) {
      until = holdUntil;
    }
    if (until != null) {
      jdbc.sql("UPDATE queue_callback_endpoint SET paused_until = ? WHERE id = ?")
          .params(until.toEpochMilli(), id)
          .update();
    }
    return new Callback.Health(failures, until, null);
  }

  private static Duration pause(int failures) {
    Duration pause = SHORTEST_PAUSE.multipliedBy(1L << Math.min(failures - TRIP, 4));
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }

  private Callback.Health disable(Callback callback, Instant now) {
    jdbc.sql(
            "INSERT INTO queue_callback_endpoint (id, failures, disabled_at, changed_at)"
                + " VALUES (:id, 1, :now, :now) ON CONFLICT (id) DO UPDATE SET"
                + " disabled_at = excluded.disabled_at, paused_until = NULL,"
                + " changed_at = excluded.changed_at")
        .param("id", callback.endpoint().id())
        .param("now", now.toEpochMilli())
        .update();
    return new Callback.Health(1, null, now);
  }

  static Callback callback(ResultSet row) throws SQLException {
    int answer = row.getInt("answer");
    return new Callback(
        row.getString("id"),
        row.getString("request_id"),
        new CallbackEndpoint(row.getString("client"), row.getString("url")),
        CallbackStatus.valueOf(row.getString("status")),
        row.getInt("tries"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        instant(row, "due_at"),
        instant(row, "tried_at"),
        instant(row, "ended_at"),
        answer == 0 ? null : answer,
        row.getString("problem"),
        row.getString("owner"),
        health(row));
  }

  private static Callback.@Nullable Health health(ResultSet row) throws SQLException {
    int failures = row.getInt("failures");
    return row.wasNull()
        ? null
        : new Callback.Health(failures, instant(row, "paused_until"), instant(row, "disabled_at"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }
}

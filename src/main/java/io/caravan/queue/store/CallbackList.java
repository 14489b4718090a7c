package io.caravan.queue.store;

import io.caravan.lease.Database;
import io.caravan.queue.Callback;
import io.caravan.queue.CallbackStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The rows of callbacks as clients see them: lists, replays, and their deletion. */
public final class CallbackList {
  private static final int ROWS = 1000;

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final Database database;
  private final Clock clock;

  public CallbackList(
      JdbcClient jdbc, TransactionOperations transactions, Database database, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.database = database;
    this.clock = clock;
  }

  /** The callback with that id. */
  public Optional<Callback> find(String id) {
    return jdbc.sql(CallbackStore.CALLBACK + "WHERE c.id = ?")
        .param(id)
        .query((row, n) -> CallbackStore.callback(row))
        .optional();
  }

  /**
   * The callbacks that match, in the order in which their requests arrived.
   *
   * @param client whose callbacks; null for those of all clients
   * @param after the id before the first
   */
  public List<Callback> list(
      @Nullable String client, @Nullable CallbackStatus status, String after, int most) {
    var where = new StringBuilder("WHERE c.id > :after");
    if (client != null) {
      where.append(" AND c.client = :client");
    }
    if (status != null) {
      where.append(" AND c.status = :status");
      if (status != CallbackStatus.DELIVERED) {
        where.append(" AND c.status <> 'DELIVERED'"); // for the index
      }
    }
    return jdbc.sql(CallbackStore.CALLBACK + where + " ORDER BY c.id LIMIT :most")
        .param("after", after)
        .param("client", client)
        .param("status", status == null ? null : status.name())
        .param("most", most)
        .query((row, n) -> CallbackStore.callback(row))
        .list();
  }

  /** Makes a callback due again, with all attempts, and resumes its receiver. */
  public void replay(String id) {
    transactions.executeWithoutResult(tx -> replay(List.of(id)));
  }

  private int replay(List<String> ids) {
    int replayed =
        jdbc.sql(
                "UPDATE queue_callback SET status = 'PENDING', tries = 0, since_at = :now, due_at = :now,"
                    + " ended_at = NULL, owner = NULL WHERE id IN (:ids)")
            .param("now", clock.millis())
            .param("ids", ids)
            .update();
    jdbc.sql(
            "DELETE FROM queue_callback_endpoint WHERE id IN"
                + " (SELECT endpoint FROM queue_callback WHERE id IN (:ids))")
        .param("ids", ids)
        .update();
    return replayed;
  }

  /**
   * Makes callbacks that were created in a range due again.
   *
   * @param client whose callbacks; null for those of all clients
   * @param statuses only those
   * @return how many
   */
  public long replay(
      @Nullable String client, Instant from, Instant to, Collection<CallbackStatus> statuses) {
    String of = client == null ? "" : " AND client = :client";
    long replayed = 0;
    String after = "";
    List<String> some;
    do {
      some =
          jdbc.sql(
                  "SELECT id FROM queue_callback WHERE id > :after AND created_at >= :from"
                      + " AND created_at < :to AND status IN (:statuses)"
                      + of
                      + " ORDER BY id LIMIT :rows")
              .param("after", after)
              .param("from", from.toEpochMilli())
              .param("to", to.toEpochMilli())
              .param("statuses", statuses.stream().map(Enum::name).toList())
              .param("client", client)
              .param("rows", ROWS)
              .query(String.class)
              .list();
      if (!some.isEmpty()) {
        List<String> ids = some;
        replayed += transactions.execute(tx -> replay(ids));
        after = some.getLast();
      }
    } while (some.size() == ROWS);
    return replayed;
  }

  /** The number of callbacks that are due now or later. */
  public long due() {
    return jdbc.sql("SELECT COUNT(*) FROM queue_callback WHERE due_at IS NOT NULL")
        .query(Long.class)
        .single();
  }

  /**
   * Ends callbacks that were due before then for the first time, such as those of a paused
   * receiver.
   */
  public int giveUp(Instant before) {
    return all(
        "UPDATE queue_callback SET status = 'EXHAUSTED', due_at = NULL, ended_at = :now,"
            + " problem = COALESCE(problem, 'its receiver was paused for too long'), owner = NULL"
            + " WHERE id IN (SELECT id FROM queue_callback WHERE due_at IS NOT NULL"
            + " AND since_at < :before AND "
            + database.isFree()
            + " LIMIT :rows "
            + database.skipLocked()
            + ")",
        before);
  }

  /** Deletes callbacks that ended before then, and what is known of receivers since then. */
  public void delete(Instant before) {
    var unused =
        all(
            "DELETE FROM queue_callback WHERE id IN (SELECT id FROM queue_callback"
                + " WHERE ended_at < :before LIMIT :rows) AND ended_at < :before",
            before);
    jdbc.sql("DELETE FROM queue_callback_endpoint WHERE changed_at < ?")
        .param(before.toEpochMilli())
        .update();
  }

  private int all(String change, Instant before) {
    int all = 0;
    int changed;
    do {
      changed =
          jdbc.sql(change)
              .param("now", clock.millis())
              .param("before", before.toEpochMilli())
              .param("rows", ROWS)
              .update();
      all += changed;
    } while (changed == ROWS);
    return all;
  }
}

package io.caravan.queue.store;

import io.caravan.queue.CallbackEndpoint;
import io.caravan.queue.IdempotencyKey;
import io.caravan.queue.NewRequest;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.RequestStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The rows of queued requests. */
public final class RequestStore {
  /** Rows in one INSERT; SQLite allows 32,766 parameters. */
  private static final int ROWS = 500;

  private static final int MOST_KNOWN = 10_000;

  private static final String COLUMNS =
      "id, group_id, client, custom_id, job_type, priority, status, bytes, tokens, metadata,"
          + " callback_url, deadline_at, accepted_at, body";

  static final String REQUEST =
      "SELECT r.id, r.custom_id, r.job_type, r.priority, r.status, r.job_id, r.metadata,"
          + " r.callback_url, r.deadline_at, r.accepted_at, r.ended_at, %s AS answer, g.queue,"
          + " g.client, g.provider, g.endpoint, g.model"
          + " FROM queue_request r JOIN queue_group g ON g.id = r.group_id ";

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final CallbackStore callbacks;
  private final Clock clock;
  private final Set<RequestGroup> knownGroups = ConcurrentHashMap.newKeySet();

  public RequestStore(
      JdbcClient jdbc, TransactionOperations transactions, CallbackStore callbacks, Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.callbacks = callbacks;
    this.clock = clock;
  }

  /** Adds requests in one transaction; the result has one entry for each, in the same order. */
  public List<Added> add(List<Addition> additions) {
    List<Added> added = transactions.execute(tx -> addNow(additions));
    remember(additions.stream().map(Addition::request).toList());
    return added;
  }

  private List<Added> addNow(List<Addition> additions) {
    Instant now = clock.instant();
    var outcomes = new ArrayList<Optional<Added>>(additions.size());
    var fresh = new ArrayList<NewRequest>(additions.size());
    for (Addition addition : additions) {
      Optional<Added> before =
          addition.key() == null
              ? Optional.empty()
              : claimKey(addition.key(), addition.answer(), now);
      outcomes.add(before);
      if (before.isEmpty()) {
        fresh.add(addition.request());
      }
    }
    Set<String> inserted = insert(fresh, now);
    var counts = new Counts();
    counts.add(fresh, inserted);
    write(counts);
    return IntStream.range(0, additions.size())
        .mapToObj(i -> outcomes.get(i).orElseGet(() -> outcome(additions.get(i), inserted)))
        .toList();
  }

  /**
   * Adds requests in one transaction; none is added if their source fails.
   *
   * @param source gives the next requests, which fit into memory; an empty list ends it
   * @param refused receives those whose custom_id another request has
   * @return what an earlier call with the same key has answered; empty if the requests were added
   */
  public Optional<Added> addAll(
      @Nullable IdempotencyKey key,
      Supplier<List<NewRequest>> source,
      BiConsumer<NewRequest, String> refused,
      Supplier<String> answer) {
    return transactions.execute(tx -> {
      Instant now = clock.instant();
      Optional<Added> before = key == null ? Optional.empty() : claimKey(key, "", now);
      if (before.isPresent()) {
        return before;
      }
      var counts = new Counts();
      for (List<NewRequest> some = source.get(); !some.isEmpty(); some = source.get()) {
        Set<String> inserted = insert(some, now);
        counts.add(some, inserted);
        for (NewRequest request : some) {
          if (!inserted.contains(request.id())) {
            String client = request.group().client();
            refused.accept(request, idOf(client, request.customId()).orElse(request.customId()));
          }
        }
      }
      write(counts);
      if (key != null) {
        jdbc.sql("UPDATE queue_key SET answer = ? WHERE client = ? AND name = ?")
            .params(answer.get(), key.client(), key.name())
            .update();
      }
      return before;
    });
  }

  private Added outcome(Addition addition, Set<String> inserted) {
    NewRequest request = addition.request();
    if (inserted.contains(request.id())) {
      return new Added.Queued();
    }
    if (addition.key() != null) {
      forget(addition.key());
    }
    return new Added.CustomIdInUse(
        idOf(request.group().client(), request.customId()).orElse(request.customId()));
  }

  /** Adds requests and their group; returns the ids of those whose custom_id is new. */
  private Set<String> insert(List<NewRequest> requests, Instant now) {
    var inserted = new HashSet<String>();
    for (int from = 0; from < requests.size(); from += ROWS) {
      List<NewRequest> some = requests.subList(from, Math.min(requests.size(), from + ROWS));
      addGroups(some);
      inserted.addAll(insertRows(some, now));
    }
    return inserted;
  }

  private List<String> insertRows(List<NewRequest> requests, Instant now) {
    String row = "(?, ?, ?, ?, ?, ?, 'QUEUED', ?, ?, ?, ?, ?, ?, ?)";
    var values = new ArrayList<@Nullable Object>(requests.size() * 13);
    for (NewRequest request : requests) {
      values.add(request.id());
      values.add(request.group().id());
      values.add(request.group().client());
      values.add(request.customId());
      values.add(request.jobType());
      values.add(request.priority());
      values.add(request.bytes());
      values.add(request.tokens());
      values.add(request.metadata());
      values.add(request.callbackUrl());
      values.add(request.deadline() == null ? null : request.deadline().toEpochMilli());
      values.add(now.toEpochMilli());
      values.add(request.body());
    }
    return jdbc.sql(
            "INSERT INTO queue_request (%s) VALUES %s ON CONFLICT (client, custom_id) DO NOTHING RETURNING id"
                .formatted(COLUMNS, String.join(", ", Collections.nCopies(requests.size(), row))))
        .params(values)
        .query(String.class)
        .list();
  }

  private void addGroups(Collection<NewRequest> requests) {
    var groups = new TreeMap<String, RequestGroup>(); // in order, so that no two adders deadlock
    requests.stream()
        .map(NewRequest::group)
        .distinct()
        .filter(group -> !knownGroups.contains(group))
        .forEach(group -> groups.put(group.id(), group));
    groups.forEach((id, group) ->
        jdbc.sql(
                "INSERT INTO queue_group (id, queue, client, provider, endpoint, model)"
                    + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")
            .params(
                id,
                group.queue(),
                group.client(),
                group.provider(),
                group.endpoint(),
                group.model())
            .update());
  }

  /** Remembers groups that are committed. */
  private void remember(Collection<NewRequest> requests) {
    if (knownGroups.size() > MOST_KNOWN) {
      knownGroups.clear();
    }
    requests.forEach(request -> knownGroups.add(request.group()));
  }

  private record Counted(RequestGroup group, String jobType, int priority) {}

  /** What a transaction adds to the counts. */
  private static final class Counts {
    private final Map<Counted, long[]> sums = new HashMap<>();

    void add(List<NewRequest> requests, Set<String> inserted) {
      for (NewRequest request : requests) {
        if (inserted.contains(request.id())) {
          long[] sum =
              sums.computeIfAbsent(
                  new Counted(request.group(), request.jobType(), request.priority()),
                  key -> new long[3]);
          sum[0]++;
          sum[1] += request.bytes();
          sum[2] += request.tokens();
        }
      }
    }
  }

  /** Writes counts at the end of a transaction, since their rows stay locked until it commits. */
  private void write(Counts counts) {
    counts.sums.entrySet().stream()
        .sorted(
            Map.Entry.comparingByKey(
                Comparator.comparing((Counted it) -> it.group().id())
                    .thenComparing(Counted::jobType)
                    .thenComparingInt(Counted::priority)))
        .forEach(it ->
            jdbc.sql(
                    "INSERT INTO queue_count (group_id, job_type, priority, requests, bytes, tokens)"
                        + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (group_id, job_type, priority)"
                        + " DO UPDATE SET requests = queue_count.requests + excluded.requests,"
                        + " bytes = queue_count.bytes + excluded.bytes,"
                        + " tokens = queue_count.tokens + excluded.tokens")
                .params(
                    it.getKey().group().id(),
                    it.getKey().jobType(),
                    it.getKey().priority(),
                    it.getValue()[0],
                    it.getValue()[1],
                    it.getValue()[2])
                .update());
  }

  /** Stores a key; returns the outcome of the call that has used it before, if there was one. */
  private Optional<Added> claimKey(IdempotencyKey key, String answer, Instant now) {
    int stored =
        jdbc.sql(
                "INSERT INTO queue_key (client, name, hash, answer, created_at)"
                    + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (client, name) DO NOTHING")
            .params(key.client(), key.name(), key.hash(), answer, now.toEpochMilli())
            .update();
    return stored > 0 ? Optional.empty() : usedBefore(key);
  }

  /** The outcome of an earlier call with that key. */
  public Optional<Added> usedBefore(IdempotencyKey key) {
    return jdbc.sql("SELECT hash, answer FROM queue_key WHERE client = ? AND name = ?")
        .params(key.client(), key.name())
        .query((row, n) ->
            row.getString("hash").equals(key.hash())
                ? (Added) new Added.Repeated(row.getString("answer"))
                : new Added.KeyInUse())
        .optional();
  }

  private void forget(IdempotencyKey key) {
    jdbc.sql("DELETE FROM queue_key WHERE client = ? AND name = ?")
        .params(key.client(), key.name())
        .update();
  }

  private Optional<String> idOf(String client, String customId) {
    return jdbc.sql("SELECT id FROM queue_request WHERE client = ? AND custom_id = ?")
        .params(client, customId)
        .query(String.class)
        .optional();
  }

  /** The request with that id. */
  public Optional<QueuedRequest> find(String id) {
    return jdbc.sql(REQUEST.formatted("r.answer") + "WHERE r.id = ?")
        .param(id)
        .query((row, n) -> request(row))
        .optional();
  }

  /** The request with that id, without its answer if it is longer. */
  public Optional<QueuedRequest> find(String id, int longestAnswer) {
    return jdbc.sql(
            REQUEST.formatted(
                    "CASE WHEN LENGTH(r.answer) <= " + longestAnswer + " THEN r.answer END")
                + "WHERE r.id = ?")
        .param(id)
        .query((row, n) -> request(row))
        .optional();
  }

  /**
   * The requests that match, oldest first, without their answers.
   *
   * @param client whose requests; null for those of all clients
   * @param after the id before the first
   */
  public List<QueuedRequest> list(
      @Nullable String client,
      @Nullable String jobType,
      @Nullable RequestStatus status,
      String after,
      int most) {
    var where = new ArrayList<String>(List.of("r.id > ?"));
    var values = new ArrayList<Object>(List.of(after));
    filter("r.client = ?", client, where, values);
    filter("r.job_type = ?", jobType, where, values);
    filter("r.status = ?", status == null ? null : status.name(), where, values);
    values.add(most);
    return jdbc.sql(
            REQUEST.formatted("NULL")
                + "WHERE "
                + String.join(" AND ", where)
                + " ORDER BY r.id LIMIT ?")
        .params(values)
        .query((row, n) -> request(row))
        .list();
  }

  private static void filter(
      String condition, @Nullable Object value, List<String> where, List<Object> values) {
    if (value != null) {
      where.add(condition);
      values.add(value);
    }
  }

  /**
   * Cancels a request that has not ended: removes a queued one, and drops the answer of a submitted
   * one. Returns the request as it is then.
   */
  public Optional<QueuedRequest> cancel(String id) {
    return transactions.execute(tx -> {
      Instant now = clock.instant();
      int removed = end(id, RequestStatus.QUEUED, now);
      if (removed > 0) {
        jdbc.sql(
                "UPDATE queue_count SET requests = requests - 1,"
                    + " bytes = bytes - (SELECT bytes FROM queue_request WHERE id = :id),"
                    + " tokens = tokens - (SELECT tokens FROM queue_request WHERE id = :id)"
                    + " WHERE group_id = (SELECT group_id FROM queue_request WHERE id = :id)"
                    + " AND job_type = (SELECT job_type FROM queue_request WHERE id = :id)"
                    + " AND priority = (SELECT priority FROM queue_request WHERE id = :id)")
            .param("id", id)
            .update();
      } else {
        removed = end(id, RequestStatus.SUBMITTED, now);
      }
      Optional<QueuedRequest> request = find(id);
      if (removed > 0) {
        request.ifPresent(this::callBack);
      }
      return request;
    });
  }

  private void callBack(QueuedRequest request) {
    if (request.callbackUrl() != null) {
      callbacks.add(
          List.of(
              new CallbackOrder(
                  request.id(),
                  new CallbackEndpoint(request.group().client(), request.callbackUrl()))));
    }
  }

  /** Deletes a request; one that has not ended is cancelled first. */
  public void delete(String id) {
    cancel(id);
    jdbc.sql("DELETE FROM queue_request WHERE id = ? AND ended_at IS NOT NULL").param(id).update();
  }

  private int end(String id, RequestStatus from, Instant now) {
    return jdbc.sql(
            "UPDATE queue_request SET status = 'CANCELLED', ended_at = :now"
                + (from == RequestStatus.QUEUED ? ", body = ''" : "")
                + " WHERE id = :id AND status = :status")
        .param("now", now.toEpochMilli())
        .param("id", id)
        .param("status", from.name())
        .update();
  }

  /** The number of queued requests by client. */
  public Map<String, Long> queued() {
    var counts = new HashMap<String, Long>();
    jdbc.sql(
            "SELECT g.client, SUM(c.requests) AS n FROM queue_count c"
                + " JOIN queue_group g ON g.id = c.group_id GROUP BY g.client")
        .query(row -> {
          counts.put(row.getString("client"), row.getLong("n"));
        });
    return counts;
  }

  /** Deletes up to {@code most} requests that ended before then; returns how many. */
  public int deleteEnded(Instant before, int most) {
    return jdbc.sql(
            "DELETE FROM queue_request WHERE id IN (SELECT id FROM queue_request"
                + " WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at, id LIMIT ?)"
                + " AND ended_at < ?")
        .params(before.toEpochMilli(), most, before.toEpochMilli())
        .update();
  }

  /** Deletes idempotency keys that were used before then. */
  public void deleteKeys(Instant before) {
    jdbc.sql("DELETE FROM queue_key WHERE created_at < ?").param(before.toEpochMilli()).update();
  }

  static QueuedRequest request(ResultSet row) throws SQLException {
    return new QueuedRequest(
        row.getString("id"),
        new RequestGroup(
            row.getString("queue"),
            row.getString("client"),
            row.getString("provider"),
            row.getString("endpoint"),
            row.getString("model")),
        row.getString("custom_id"),
        row.getString("job_type"),
        row.getInt("priority"),
        RequestStatus.valueOf(row.getString("status")),
        row.getString("job_id"),
        row.getString("metadata"),
        row.getString("callback_url"),
        instant(row, "deadline_at"),
        Instant.ofEpochMilli(row.getLong("accepted_at")),
        instant(row, "ended_at"),
        row.getString("answer"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }
}

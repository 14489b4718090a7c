package io.caravan.queue.store;

import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads which requests have ended. */
public final class EndedStore {
  /** Answers with more characters are not read here, since many are kept in memory. */
  public static final int LONGEST_ANSWER = 20_000;

  private static final int ROWS = 500;
  private static final String SHORT_ANSWER =
      "CASE WHEN length(r.answer) <= %d THEN r.answer END".formatted(LONGEST_ANSWER);

  private final JdbcClient jdbc;

  public EndedStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The requests that ended after that position, in order. */
  public List<Ended> after(Position position, int most) {
    return jdbc.sql(
            "SELECT id, ended_at, client, job_type FROM queue_request WHERE ended_at IS NOT NULL"
                + " AND ended_at >= ? AND (ended_at > ? OR id > ?) ORDER BY ended_at, id LIMIT ?")
        .params(position.millis(), position.millis(), position.id(), most)
        .query((row, n) ->
            new Ended(
                new Position(row.getLong("ended_at"), row.getString("id")),
                row.getString("client"),
                row.getString("job_type")))
        .list();
  }

  /** The same requests as whole rows, without their long answers. */
  public List<QueuedRequest> rowsAfter(Position position, EndedFilter filter, int most) {
    var where =
        new ArrayList<String>(
            List.of("r.ended_at IS NOT NULL", "r.ended_at >= ?", "(r.ended_at > ? OR r.id > ?)"));
    var values =
        new ArrayList<Object>(List.of(position.millis(), position.millis(), position.id()));
    add("r.client = ?", filter.client(), where, values);
    add("r.job_type = ?", filter.jobType(), where, values);
    add("r.id = ?", filter.request(), where, values);
    values.add(most);
    return jdbc.sql(
            RequestStore.REQUEST.formatted(SHORT_ANSWER)
                + "WHERE "
                + String.join(" AND ", where)
                + " ORDER BY r.ended_at, r.id LIMIT ?")
        .params(values)
        .query((row, n) -> RequestStore.request(row))
        .list();
  }

  private static void add(
      String condition, @Nullable String value, List<String> where, List<Object> values) {
    if (value != null) {
      where.add(condition);
      values.add(value);
    }
  }

  /** The rows of these requests, without their long answers. */
  public List<QueuedRequest> rows(Collection<String> ids) {
    var rows = new ArrayList<QueuedRequest>(ids.size());
    for (List<String> some : parts(ids)) {
      rows.addAll(
          jdbc.sql(RequestStore.REQUEST.formatted(SHORT_ANSWER) + "WHERE r.id IN (:ids)")
              .param("ids", some)
              .query((row, n) -> RequestStore.request(row))
              .list());
    }
    return rows;
  }

  /** The statuses of these requests; deleted ones are missing. */
  public Map<String, RequestStatus> statuses(Collection<String> ids) {
    var statuses = new HashMap<String, RequestStatus>();
    for (List<String> some : parts(ids)) {
      jdbc.sql("SELECT id, status FROM queue_request WHERE id IN (:ids)")
          .param("ids", some)
          .query(row -> {
            statuses.put(row.getString("id"), RequestStatus.valueOf(row.getString("status")));
          });
    }
    return statuses;
  }

  private static List<List<String>> parts(Collection<String> ids) {
    List<String> all = List.copyOf(ids);
    var parts = new ArrayList<List<String>>();
    for (int from = 0; from < all.size(); from += ROWS) {
      parts.add(all.subList(from, Math.min(all.size(), from + ROWS)));
    }
    return parts;
  }
}

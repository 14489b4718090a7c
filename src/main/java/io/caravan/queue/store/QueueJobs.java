package io.caravan.queue.store;

import io.caravan.job.JobId;
import io.caravan.job.JobStatus;
import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import io.caravan.queue.QueueJob;
import io.caravan.queue.RequestGroup;
import io.caravan.queue.Waiting;
import java.io.InputStream;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The jobs that queued requests become. A row here is written in the transaction that takes the
 * requests out of their queue, so a crash before the job exists loses nothing.
 */
public final class QueueJobs {
  private static final List<String> SETTLED =
      Stream.of(JobStatus.values()).filter(JobStatus::settled).map(Enum::name).toList();

  private static final String JOB =
      "SELECT q.id, q.pipeline, q.requests, q.created_at, q.tries, q.owner, g.queue, g.client,"
          + " g.provider, g.endpoint, g.model FROM queue_job q JOIN queue_group g ON g.id = q.group_id ";

  /** A replica that holds a job for longer has lost it, for example in a failed route. */
  private static final Duration LONGEST_WORK = Duration.ofMinutes(10);

  private final JdbcClient jdbc;
  private final TransactionOperations transactions;
  private final Database database;
  private final Replica replica;
  private final Clock clock;

  public QueueJobs(
      JdbcClient jdbc,
      TransactionOperations transactions,
      Database database,
      Replica replica,
      Clock clock) {
    this.jdbc = jdbc;
    this.transactions = transactions;
    this.database = database;
    this.replica = replica;
    this.clock = clock;
  }

  /** All counts of queued requests. */
  public List<Waiting> waiting() {
    return jdbc.sql(
            "SELECT g.queue, g.client, g.provider, g.endpoint, g.model, c.job_type, c.priority,"
                + " c.requests, c.bytes, c.tokens FROM queue_count c"
                + " JOIN queue_group g ON g.id = c.group_id WHERE c.requests > 0"
                + " ORDER BY g.queue, g.client, g.provider, g.endpoint, g.model, c.job_type,"
                + " c.priority DESC")
        .query((row, n) ->
            new Waiting(
                group(row),
                row.getString("job_type"),
                row.getInt("priority"),
                row.getLong("requests"),
                row.getLong("bytes"),
                row.getLong("tokens")))
        .list();
  }

  /** When the oldest queued request of a group with that priority arrived. */
  public Optional<Instant> oldest(RequestGroup group, int priority) {
    return jdbc.sql(
            "SELECT accepted_at FROM queue_request WHERE group_id = ? AND priority = ?"
                + " AND status = 'QUEUED' ORDER BY id LIMIT 1")
        .params(group.id(), priority)
        .query(Long.class)
        .optional()
        .map(Instant::ofEpochMilli);
  }

  /**
   * Takes queued requests out of a group for a job: those of the highest priority first, then the
   * oldest. The caller holds the job.
   *
   * @param jobType takes only those; null for all
   * @param waits whether to wait for another taker
   * @return empty if there are none, or another taker is at work
   */
  public Optional<QueueJob> take(
      RequestGroup group, @Nullable String jobType, long most, String pipeline, boolean waits) {
    return transactions.execute(tx -> {
      boolean free =
          jdbc.sql(
                  "SELECT id FROM queue_group WHERE id = ? "
                      + (waits ? database.locked() : database.skipLocked()))
              .param(group.id())
              .query(String.class)
              .optional()
              .isPresent();
      return free ? takeNow(group, jobType, most, pipeline) : Optional.<QueueJob>empty();
    });
  }

  private Optional<QueueJob> takeNow(
      RequestGroup group, @Nullable String jobType, long most, String pipeline) {
    String id = JobId.next();
    String ofType = jobType == null ? "" : " AND job_type = :type";
    int taken =
        jdbc.sql(
                "UPDATE queue_request SET status = 'SUBMITTED', job_id = :job WHERE id IN"
                    + " (SELECT id FROM queue_request WHERE group_id = :group AND status = 'QUEUED'"
                    + ofType
                    + " ORDER BY priority DESC, id LIMIT :most) AND status = 'QUEUED'")
            .param("job", id)
            .param("group", group.id())
            .param("type", jobType)
            .param("most", most)
            .update();
    if (taken == 0) {
      return Optional.empty();
    }
    discount(group, id);
    var job = new QueueJob(id, group, pipeline, taken, clock.instant(), 0, replica.id());
    jdbc.sql(
            "INSERT INTO queue_job (id, group_id, pipeline, requests, created_at, due_at, tries, owner)"
                + " VALUES (?, ?, ?, ?, ?, ?, 0, ?)")
        .params(
            id,
            group.id(),
            pipeline,
            taken,
            job.createdAt().toEpochMilli(),
            job.createdAt().plus(LONGEST_WORK).toEpochMilli(),
            job.owner())
        .update();
    return Optional.of(job);
  }

  private void discount(RequestGroup group, String job) {
    jdbc.sql(
            "SELECT job_type, priority, COUNT(*) AS n, SUM(bytes) AS bytes, SUM(tokens) AS tokens"
                + " FROM queue_request WHERE job_id = ? GROUP BY job_type, priority"
                + " ORDER BY job_type, priority")
        .param(job)
        .query((row, n) ->
            List.<Object>of(
                row.getLong("n"),
                row.getLong("bytes"),
                row.getLong("tokens"),
                group.id(),
                row.getString("job_type"),
                row.getInt("priority")))
        .list()
        .forEach(values ->
            jdbc.sql(
                    "UPDATE queue_count SET requests = requests - ?, bytes = bytes - ?,"
                        + " tokens = tokens - ? WHERE group_id = ? AND job_type = ? AND priority = ?")
                .params(values)
                .update());
  }

  /** Claims a job that was not accepted, such as after a crash. */
  public Optional<QueueJob> claimToAccept() {
    return claim("q.accepted_at IS NULL");
  }

  /** Claims a job whose requests have outcomes that they were not given. */
  public Optional<QueueJob> claimToAnswer() {
    return claim(
        "q.accepted_at IS NOT NULL AND q.answered_at IS NULL AND q.id IN"
            + " (SELECT id FROM job WHERE id = q.id AND status IN (:settled))");
  }

  private Optional<QueueJob> claim(String condition) {
    return transactions.execute(tx -> {
      Optional<String> id =
          jdbc.sql(
                  "SELECT q.id FROM queue_job q WHERE q.answered_at IS NULL AND "
                      + condition
                      + " AND (q.due_at <= :now AND (owner IS NULL OR owner = :me)"
                      + " OR owner <> :me AND "
                      + database.isFree()
                      + ") ORDER BY q.due_at LIMIT 1 "
                      + database.skipLocked())
              .param("now", clock.millis())
              .param("me", replica.id())
              .param("settled", SETTLED)
              .query(String.class)
              .optional();
      id.ifPresent(it ->
          jdbc.sql("UPDATE queue_job SET owner = ?, due_at = ? WHERE id = ?")
              .params(replica.id(), clock.millis() + LONGEST_WORK.toMillis(), it)
              .update());
      return id.flatMap(this::find);
    });
  }

  /** The job of that id, if it was made of queued requests. */
  public Optional<QueueJob> find(String id) {
    return jdbc.sql(JOB + "WHERE q.id = ?").param(id).query((row, n) -> job(row)).optional();
  }

  /**
   * What the requests of a job have in common.
   *
   * @param oldest when the first of them arrived
   * @param priority the highest of them
   * @param deadline the earliest of them; null if none has one
   */
  public record Span(Instant oldest, int priority, @Nullable Instant deadline) {}

  /** What the requests of a job have in common; empty if it has none. */
  public Optional<Span> span(QueueJob job) {
    return jdbc.sql(
            "SELECT MIN(accepted_at) AS oldest, MAX(priority) AS priority, MIN(deadline_at) AS deadline"
                + " FROM queue_request WHERE job_id = ? HAVING COUNT(*) > 0")
        .param(job.id())
        .query((row, n) ->
            new Span(
                Instant.ofEpochMilli(row.getLong("oldest")),
                row.getInt("priority"),
                row.getObject("deadline") instanceof Number millis
                    ? Instant.ofEpochMilli(millis.longValue())
                    : null))
        .optional();
  }

  /** The input file of a job, read as it is consumed. */
  public InputStream lines(QueueJob job) {
    return new JobLines(jdbc, job);
  }

  /** Stores that the job exists, and releases it. */
  public void accepted(QueueJob job) {
    finish(job, "accepted_at");
  }

  /** Stores that its requests have their outcomes, and releases it. */
  public void answered(QueueJob job) {
    finish(job, "answered_at");
  }

  private void finish(QueueJob job, String column) {
    jdbc.sql(
            "UPDATE queue_job SET %1$s = :now, due_at = :now, tries = 0, owner = NULL WHERE id = :id AND %1$s IS NULL"
                .formatted(column))
        .param("now", clock.millis())
        .param("id", job.id())
        .update();
  }

  /** Releases a job after a failure, to be retried then. */
  public void retryAt(QueueJob job, Instant due) {
    jdbc.sql(
            "UPDATE queue_job SET due_at = ?, tries = tries + 1, owner = NULL"
                + " WHERE id = ? AND owner = ?")
        .params(due.toEpochMilli(), job.id(), job.owner())
        .update();
  }

  /** The mean time from the queue to the answer in the last jobs at a provider. */
  public Optional<Duration> turnaround(String provider, int jobs) {
    return jdbc.sql(
            "SELECT AVG(answered_at - created_at) FROM (SELECT q.answered_at, q.created_at"
                + " FROM queue_job q JOIN queue_group g ON g.id = q.group_id WHERE g.provider = ?"
                + " AND q.answered_at IS NOT NULL ORDER BY q.created_at DESC LIMIT ?) AS last")
        .params(provider, jobs)
        .query(Double.class)
        .optional()
        .map(millis -> Duration.ofMillis(millis.longValue()));
  }

  private static QueueJob job(ResultSet row) throws SQLException {
    return new QueueJob(
        row.getString("id"),
        group(row),
        row.getString("pipeline"),
        row.getLong("requests"),
        Instant.ofEpochMilli(row.getLong("created_at")),
        row.getInt("tries"),
        row.getString("owner"));
  }

  private static RequestGroup group(ResultSet row) throws SQLException {
    return new RequestGroup(
        row.getString("queue"),
        row.getString("client"),
        row.getString("provider"),
        row.getString("endpoint"),
        row.getString("model"));
  }
}

package io.caravan.job;

import io.caravan.lease.Database;
import io.caravan.lease.Replica;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Which rows are due, and who works on them: each step of the flow begins by claiming a row, and
 * ends by writing or releasing it.
 */
public final class Claims {
  private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
  private static final List<String> PARTS_TO_WORK_ON =
      Table.names(PartStatus.values(), s -> s.verb().matches("submit|retrieve|settle"));
  private static final List<String> TERMINAL_PARTS =
      Table.names(PartStatus.values(), PartStatus::terminal);
  private static final List<String> JOBS_TO_WORK_ON =
      Table.names(JobStatus.values(), s -> s != JobStatus.IN_PROGRESS && s != JobStatus.RELEASED);

  /**
   * Claims rows that are due and free; a higher priority is worth a second. The version increases,
   * so the previous holder's writes fail.
   */
  private static final String CLAIM =
      """
      WITH due AS MATERIALIZED (
        SELECT id, owner FROM %1$s WHERE %2$s AND due_at <= :now AND parked_at IS NULL AND %3$s
        ORDER BY due_at - 1000 * priority, id LIMIT :limit %4$s)
      UPDATE %1$s SET owner = :owner, version = version + 1 WHERE id IN (SELECT id FROM due)
      RETURNING *, (SELECT due.owner FROM due WHERE due.id = %1$s.id) AS taken_from\
      """;

  /** Jobs with a step of their own to run; uses the index on status and due time. */
  private static final String DUE_JOB = "status IN (:statuses)";

  /** A job in progress is due once all its parts are terminal. */
  private static final String ANSWERED_JOB =
      """
      status = 'IN_PROGRESS' AND (:all OR id IN (:ids)) AND NOT EXISTS (
        SELECT 1 FROM part WHERE job_id = job.id AND part.status NOT IN (:terminal))\
      """;

  /**
   * How often all jobs in progress are checked: a part settled by a killed replica is not in {@link
   * #nearer}.
   */
  private static final Duration SWEEP = Duration.ofSeconds(2);

  private static final int MOST_IDS = 500;

  /** Parts of excluded providers are due only for steps that do not call the provider. */
  private static final String DUE_PART =
      """
      status IN (:statuses) AND (way = 'BATCH' OR status NOT IN ('PLANNED', 'UPLOADED')) AND (provider NOT IN (:without) OR status IN ('RETRIEVED', 'REFUSED')
        OR (status IN ('PLANNED', 'UPLOADED') AND job_id IN (SELECT job_id FROM cancellation)))\
      """;

  /** Parts whose requests are sent one by one. */
  private static final String DUE_CALLS =
      """
      way <> 'BATCH' AND status IN ('PLANNED', 'UPLOADED', 'CALLING') AND provider NOT IN (:without)\
      """;

  private final JdbcClient jdbc;
  private final JdbcClient passing;
  private final TransactionOperations transactions;
  private final Replica replica;
  private final Takeovers takeovers;
  private final String isFree;
  private final String claimJobs;
  private final String claimAnswered;
  private final String claimParts;
  private final String claimCalls;
  private final Queue<Claimed> released = new ConcurrentLinkedQueue<>();

  /** Jobs with a part that became terminal in this process since they were last checked. */
  private final Set<String> nearer = ConcurrentHashMap.newKeySet();

  private Instant swept = Instant.MIN;

  /**
   * Creates the claims of a replica.
   *
   * @param passing for writes that a power failure may lose: a restart frees claims anyway. A later
   *     synced write also puts them on disk, since both share one log.
   */
  Claims(
      JdbcClient jdbc,
      JdbcClient passing,
      TransactionOperations transactions,
      Database database,
      Replica replica) {
    this.jdbc = jdbc;
    this.passing = passing;
    this.transactions = transactions;
    this.replica = replica;
    this.takeovers = new Takeovers(replica::host);
    this.isFree = database.isFree();
    this.claimJobs = CLAIM.formatted("job", isFree, DUE_JOB, database.skipLocked());
    this.claimAnswered = CLAIM.formatted("job", isFree, ANSWERED_JOB, database.skipLocked());
    this.claimCalls = CLAIM.formatted("part", isFree, DUE_CALLS, database.skipLocked());
    this.claimParts = CLAIM.formatted("part", isFree, DUE_PART, database.skipLocked());
  }

  /** Notes that a part of the job became terminal, so that the job may be due. */
  void partIsTerminal(String jobId) {
    nearer.add(jobId);
  }

  /** Claims at most {@code limit} jobs that are due for a step and not held. */
  public List<Job> claimJobs(Instant now, int limit) {
    writeReleases();
    takeovers.tell(now);
    var claimed =
        new ArrayList<Job>(
            passing
                .sql(claimJobs)
                .param("owner", replica.id())
                .param("now", now.toEpochMilli())
                .param("statuses", JOBS_TO_WORK_ON)
                .param("limit", limit)
                .query(claimed(JobStore.JOB, now))
                .list());
    claimed.addAll(claimAnswered(now, limit));
    return claimed;
  }

  private List<Job> claimAnswered(Instant now, int limit) {
    boolean all = now.isBefore(swept) || now.isAfter(swept.plus(SWEEP)) || nearer.size() > MOST_IDS;
    List<String> ids = all ? List.of() : List.copyOf(nearer);
    if (!all && ids.isEmpty()) {
      return List.of();
    }
    List<Job> claimed =
        passing
            .sql(claimAnswered)
            .param("owner", replica.id())
            .param("now", now.toEpochMilli())
            .param("all", all)
            .param("ids", ids.isEmpty() ? List.of("") : ids)
            .param("terminal", TERMINAL_PARTS)
            .param("limit", limit)
            .query(claimed(JobStore.JOB, now))
            .list();
    if (claimed.size() < limit) {
      nearer.removeAll(ids);
      swept = all ? now : swept;
    }
    return claimed;
  }

  /**
   * Claims at most {@code limit} parts that are due to be submitted, retrieved or settled.
   *
   * @param without providers whose parts are skipped, except for steps that do not call the
   *     provider
   */
  public List<Part> claimParts(Instant now, int limit, Set<String> without) {
    return claimParts(PARTS_TO_WORK_ON, now, limit, without);
  }

  /** Claims at most {@code limit} parts whose requests are to be sent one by one. */
  public List<Part> claimCalls(Instant now, int limit, Set<String> without) {
    writeReleases();
    return passing
        .sql(claimCalls)
        .param("owner", replica.id())
        .param("now", now.toEpochMilli())
        .param("without", without.isEmpty() ? Set.of("") : without)
        .param("limit", limit)
        .query(claimed(JobStore.PART, now))
        .list();
  }

  private List<Part> claimParts(
      List<String> statuses, Instant now, int limit, Set<String> without) {
    writeReleases();
    return passing
        .sql(claimParts)
        .param("owner", replica.id())
        .param("now", now.toEpochMilli())
        .param("statuses", statuses)
        .param("without", without.isEmpty() ? Set.of("") : without)
        .param("limit", limit)
        .query(claimed(JobStore.PART, now))
        .list();
  }

  /**
   * Claims at most {@code limit} parts whose batch status is due to be polled.
   *
   * @param without providers whose parts are skipped
   */
  public List<Part> claimBatches(Instant now, int limit, Set<String> without) {
    return claimParts(List.of(PartStatus.SUBMITTED.name()), now, limit, without);
  }

  private <R extends Record & Claimed> RowMapper<R> claimed(Table<R> table, Instant now) {
    return (row, number) -> {
      R claimed = Objects.requireNonNull(table.mapper().mapRow(row, number));
      takeovers.note(claimed, row.getString("taken_from"), now);
      return claimed;
    };
  }

  /** Releases a claimed row; does nothing if it is not held. */
  public void release(Claimed row) {
    released.add(row);
    try {
      writeReleases();
    } catch (DataAccessException e) {
      LOG.warn("cannot write to the store, retrying: {}", e.getMessage());
    }
  }

  /**
   * Writes pending releases. One that failed, for example on a full disk, is retried before the
   * next claim.
   */
  private synchronized void writeReleases() {
    for (Claimed row = released.peek(); row != null; row = released.peek()) {
      passing
          .sql("UPDATE " + table(row) + " SET owner = NULL WHERE id = :id AND owner = :owner")
          .param("id", row.id())
          .param("owner", row.owner())
          .update();
      released.remove(row);
    }
  }

  private static String table(Claimed row) {
    return switch (row) {
      case Job job -> "job";
      case Part part -> "part";
    };
  }

  /** Makes everything due now, for example after the clock was set back. */
  public void bringForward(Instant now) {
    jdbc.sql("UPDATE part SET due_at = :now WHERE due_at > :now AND status NOT IN (:terminal)")
        .param("now", now.toEpochMilli())
        .param("terminal", TERMINAL_PARTS)
        .update();
    jdbc.sql("UPDATE job SET due_at = :now WHERE due_at > :now AND status <> 'DELIVERED'")
        .param("now", now.toEpochMilli())
        .update();
  }

  /** When the next batch that is not held is due to be polled, if there is one. */
  public Optional<Instant> nextBatchDue() {
    return jdbc.sql(
            "SELECT due_at FROM part WHERE %s AND status = :status AND parked_at IS NULL"
                    .formatted(isFree)
                + " ORDER BY due_at LIMIT 1")
        .param("status", PartStatus.SUBMITTED.name())
        .query(Long.class)
        .optional()
        .map(Instant::ofEpochMilli);
  }

  /** Unparks a job and its parts; returns how many rows were parked. */
  public int unpark(String jobId, Instant now) {
    return transactions.execute(
        tx -> unpark("part", "job_id", jobId, now) + unpark("job", "id", jobId, now));
  }

  /**
   * Safe without a claim: no replica works on a parked row, though its last holder may not have
   * released it yet.
   */
  private int unpark(String table, String key, String jobId, Instant now) {
    return jdbc.sql(
            "UPDATE %s SET parked_at = NULL, tries = 0, due_at = :now, version = version + 1 WHERE %s = :job AND parked_at IS NOT NULL"
                .formatted(table, key))
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
  }

  /** Makes the waiting rows of a job due now, except those that a replica holds. */
  public void hurry(String jobId, Instant now) {
    jdbc.sql(
            "UPDATE part SET due_at = :now WHERE job_id = :job AND due_at > :now AND status NOT IN (:terminal) AND "
                + isFree)
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .param("terminal", TERMINAL_PARTS)
        .update();
    jdbc.sql(
            "UPDATE job SET due_at = :now WHERE id = :job AND due_at > :now AND status NOT IN ('DELIVERED', 'RELEASED') AND "
                + isFree)
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
  }
}

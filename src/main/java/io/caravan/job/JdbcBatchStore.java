package io.caravan.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The store in a database, with the same SQL for SQLite and PostgreSQL. */
public final class JdbcBatchStore implements BatchStore {
  private static final Logger LOG = LoggerFactory.getLogger(JdbcBatchStore.class);
  private static final int MOST_OTHERS = 10;
  private static final Table<Job> JOB = new Table<>("job", Job.class);
  private static final Table<Part> PART = new Table<>("part", Part.class);
  private static final List<String> PARTS_TO_WORK_ON =
      names(Stream.of(PartStatus.values()).filter(s -> s.verb().matches("submit|retrieve|settle")));
  private static final List<String> TERMINAL_PARTS =
      names(Stream.of(PartStatus.values()).filter(PartStatus::terminal));
  private static final List<String> JOBS_TO_WORK_ON =
      names(
          Stream.of(JobStatus.values())
              .filter(s -> s != JobStatus.IN_PROGRESS && s != JobStatus.RELEASED));
  private static final List<String> UNFINISHED_JOBS =
      names(Stream.of(JobStatus.values()).filter(s -> !s.finished()));
  private static final List<String> PARTS_FOR_PROVIDERS =
      names(Stream.of(PartStatus.values()).filter(s -> s.verb().matches("submit|watch|retrieve")));
  private static final List<String> DELIVERING =
      names(Stream.of(JobStatus.values()).filter(s -> s.verb().matches("deliver-.*|report")));

  /**
   * Claims rows that are due and free. The version increases, so the previous holder's writes fail.
   */
  private static final String CLAIM =
      """
      WITH due AS MATERIALIZED (
        SELECT id, owner FROM %1$s WHERE %2$s AND due_at <= :now AND parked_at IS NULL AND %3$s
        ORDER BY due_at LIMIT :limit %4$s)
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
      status IN (:statuses) AND (provider NOT IN (:without) OR status IN ('RETRIEVED', 'REFUSED')
        OR (status IN ('PLANNED', 'UPLOADED') AND job_id IN (SELECT job_id FROM cancellation)))\
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
  private final String fence;
  private final Queue<Claimed> released = new ConcurrentLinkedQueue<>();

  /** Jobs with a part that became terminal in this process since they were last checked. */
  private final Set<String> nearer = ConcurrentHashMap.newKeySet();

  private Instant swept = Instant.MIN;

  /**
   * Creates a store on a database.
   *
   * @param passing for writes that a power failure may lose: claims, which a restart frees anyway,
   *     and the time of the next poll. A later synced write also puts them on disk, since both
   *     share one log.
   */
  public JdbcBatchStore(
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
    this.claimParts = CLAIM.formatted("part", isFree, DUE_PART, database.skipLocked());
    this.fence =
        " AND COALESCE(owner, '') = :held AND (:held = '' OR EXISTS (SELECT 1 FROM replica"
            + " WHERE id = :held AND lease_until > %s))".formatted(database.now());
  }

  @Override
  public Arrival accept(Job job, boolean allowDuplicates) {
    for (int others = 0; ; others++) {
      try {
        return acceptNow(job, allowDuplicates);
      } catch (DuplicateKeyException | StaleRowException e) { // another replica was faster
        if (others == MOST_OTHERS) {
          throw e;
        }
      }
    }
  }

  private Arrival acceptNow(Job job, boolean allowDuplicates) {
    return transactions.execute(tx -> {
      String own = job.identity() + "|" + job.arrival();
      Optional<Job> again =
          findByIdentity(own)
              .or(() -> findByIdentity(job.identity()))
              .filter(before -> before.arrival().equals(job.arrival()));
      if (again.isPresent()) {
        return new Arrival.Repeated(again.get());
      }
      findByIdentity(job.identity())
          .filter(before -> paidNothing(before) && successor(before).isEmpty())
          .ifPresent(this::giveUpIdentity);
      Optional<Job> earlier = findByIdentity(job.identity());
      if (earlier.isPresent() && !allowDuplicates) {
        return duplicate(job.withIdentity(own), inWhichItIs(earlier.get()));
      }
      Job accepted = earlier.isPresent() ? job.withIdentity(own) : job;
      insert(accepted);
      return new Arrival.Accepted(accepted);
    });
  }

  private Arrival duplicate(Job job, Job earlier) {
    Job refused =
        job.with(b ->
            b.status(JobStatus.SETTLED)
                .refusal(
                    "%s has the same content as job %s (%s), which was accepted at %s."
                            .formatted(
                                job.label(), earlier.id(), earlier.label(), earlier.acceptedAt())
                        + " Nothing was sent. To pay for it again, set"
                        + " CARAVAN_DUPLICATES=allow."));
    insert(refused);
    return new Arrival.Duplicate(refused, earlier);
  }

  /** Whether a job finished without results, so that its content may be sent again. */
  private static boolean paidNothing(Job job) {
    return job.status().finished() && job.results() == 0;
  }

  /** The job that now contains the content: for a job without results, its successor. */
  private Job inWhichItIs(Job job) {
    return paidNothing(job) ? successor(job).orElse(job) : job;
  }

  private void giveUpIdentity(Job job) {
    update(job, b -> b.identity(job.identity() + givenUp(job)));
  }

  private static String givenUp(Job job) {
    return "|" + job.id();
  }

  private void insert(Job job) {
    jdbc.sql(JOB.insert()).paramSource(JOB.values(job)).update();
    LogFields.about(
        job,
        () ->
            LOG.info(
                "job={} pipeline={} -> {} name={} bytes={}",
                job.id(),
                job.pipeline(),
                job.status().word(),
                job.label(),
                job.bytes()));
  }

  @Override
  public Map<String, String> accepted(String pipeline, Collection<String> arrivals) {
    if (arrivals.isEmpty()) {
      return Map.of();
    }
    var jobs = new HashMap<String, String>();
    jdbc.sql(
            "SELECT arrival, id FROM job WHERE substr(arrival, 1, 5) = 's3://'" // as in the index
                + " AND arrival IN (:arrivals) AND pipeline = :pipeline")
        .param("arrivals", arrivals)
        .param("pipeline", pipeline)
        .query(row -> {
          jobs.put(row.getString("arrival"), row.getString("id"));
        });
    return jobs;
  }

  @Override
  public Job plan(Job job, List<Part> parts, Consumer<JobBuilder> change) {
    return transactions.execute(tx -> {
      parts.forEach(this::insert);
      return update(job, change);
    });
  }

  @Override
  public Part goOn(Part part, List<Part> further, Consumer<PartBuilder> change) {
    return transactions.execute(tx -> {
      further.forEach(this::insert);
      return update(part, change);
    });
  }

  private void insert(Part part) {
    jdbc.sql(PART.insert()).paramSource(PART.values(part)).update();
  }

  private <R extends Record> boolean write(Table<R> table, R row, @Nullable String owner) {
    return write(jdbc, table.update(), table.values(row), owner);
  }

  private boolean write(
      JdbcClient client, String update, MapSqlParameterSource values, @Nullable String owner) {
    return client
            .sql(update + fence)
            .paramSource(values.addValue("held", owner == null ? "" : owner))
            .update()
        > 0;
  }

  @Override
  public Job update(Job job, Consumer<JobBuilder> change) {
    Job next = job.with(b -> change.accept(b.version(job.version() + 1)));
    boolean moves = next.status() != job.status();
    if (moves && !job.status().canBecome(next.status())) {
      throw new IllegalStateException(
          "job %s cannot change from %s to %s".formatted(job.id(), job.status(), next.status()));
    }
    if (!write(JOB, next, job.owner())) {
      throw new StaleRowException("job " + job.id(), job.version());
    }
    if (moves) {
      log(job, next);
    }
    return next;
  }

  @Override
  public Part update(Part part, Consumer<PartBuilder> change) {
    Part next = part.with(b -> change.accept(b.version(part.version() + 1)));
    boolean moves = next.status() != part.status();
    if (moves && !part.status().canBecome(next.status())) {
      throw new IllegalStateException(
          "part %s cannot change from %s to %s".formatted(part.id(), part.status(), next.status()));
    }
    if (!write(PART, next, part.owner())) {
      throw new StaleRowException("part " + part.id(), part.version());
    }
    if (next.status().terminal()) {
      nearer.add(next.jobId());
    }
    tell(part, next);
    return next;
  }

  @Override
  public void askAgain(Part part, Consumer<PartBuilder> change) {
    Part next = part.with(b -> change.accept(b.version(part.version() + 1)));
    if (!write(passing, PART.letGo(), PART.values(next), part.owner())) {
      throw new StaleRowException("part " + part.id(), part.version());
    }
    tell(part, next);
  }

  private static void tell(Part part, Part next) {
    if (next.status() != part.status()) {
      log(next, part.status().word(), next.status().word());
    } else if (next.batchStatus() != part.batchStatus() && part.batchStatus() != null) {
      log(next, word(part.batchStatus()), word(next.batchStatus()));
    }
  }

  private static String word(@Nullable BatchStatus status) {
    return status == null ? "-" : status.word();
  }

  /** A job logs four lines at INFO: accepted, submitted, ended, delivered. */
  private static void log(Job job, Job next) {
    LogFields.about(
        next,
        () ->
            LOG.atLevel(next.status() == JobStatus.DELIVERED ? Level.INFO : Level.DEBUG)
                .log(
                    "job={} pipeline={} {} -> {} requests={} results={} errors={}",
                    next.id(),
                    next.pipeline(),
                    job.status().word(),
                    next.status().word(),
                    next.requests(),
                    next.results(),
                    next.errors()));
  }

  private static void log(Part part, String from, String to) {
    boolean told = to.equals(PartStatus.SUBMITTED.word()) || to.equals(PartStatus.ENDED.word());
    LogFields.about(
        part,
        () ->
            LOG.atLevel(told ? Level.INFO : Level.DEBUG)
                .log(
                    "part={} batch={} pipeline={} {} -> {} requests={} completed={} failed={}",
                    part.id(),
                    part.batchId() == null ? "-" : part.batchId(),
                    part.pipeline(),
                    from,
                    to,
                    part.requests(),
                    part.completed(),
                    part.failed()));
  }

  @Override
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
                .query(claimed(JOB, now))
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
            .query(claimed(JOB, now))
            .list();
    if (claimed.size() < limit) {
      nearer.removeAll(ids);
      swept = all ? now : swept;
    }
    return claimed;
  }

  @Override
  public List<Part> claimParts(Instant now, int limit, Set<String> without) {
    return claimParts(PARTS_TO_WORK_ON, now, limit, without);
  }

  @Override
  public List<Part> claimBatches(Instant now, int limit, Set<String> without) {
    return claimParts(List.of(PartStatus.SUBMITTED.name()), now, limit, without);
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
        .query(claimed(PART, now))
        .list();
  }

  private <R extends Record & Claimed> RowMapper<R> claimed(Table<R> table, Instant now) {
    return (row, number) -> {
      R claimed = Objects.requireNonNull(table.mapper().mapRow(row, number));
      takeovers.note(claimed, row.getString("taken_from"), now);
      return claimed;
    };
  }

  @Override
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

  @Override
  public void bringForward(Instant now) {
    jdbc.sql("UPDATE part SET due_at = :now WHERE due_at > :now AND status NOT IN (:terminal)")
        .param("now", now.toEpochMilli())
        .param("terminal", TERMINAL_PARTS)
        .update();
    jdbc.sql("UPDATE job SET due_at = :now WHERE due_at > :now AND status <> 'DELIVERED'")
        .param("now", now.toEpochMilli())
        .update();
  }

  @Override
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

  @Override
  public List<Job> jobsNamed(String beginning, int limit) {
    return jdbc.sql(
            "SELECT * FROM job WHERE substr(id, 1, :length) = :beginning ORDER BY id LIMIT :limit")
        .param("length", beginning.length())
        .param("beginning", beginning)
        .param("limit", limit)
        .query(JOB.mapper())
        .list();
  }

  @Override
  public List<Job> retries(String jobId) {
    return jdbc.sql("SELECT * FROM job WHERE retry_of = :job ORDER BY accepted_at, id")
        .param("job", jobId)
        .query(JOB.mapper())
        .list();
  }

  @Override
  public Optional<Job> successor(Job job) {
    return Stream.concat(retries(job.id()).stream(), droppedAgain(job).stream())
        .flatMap(later -> paidNothing(later) ? successor(later).stream() : Stream.of(later))
        .findFirst();
  }

  /** The job that took over the identity of this one, if the same content was dropped again. */
  private Optional<Job> droppedAgain(Job job) {
    String identity = job.identity();
    return identity.endsWith(givenUp(job))
        ? findByIdentity(identity.substring(0, identity.length() - givenUp(job).length()))
        : Optional.empty();
  }

  @Override
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

  @Override
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

  @Override
  public List<Job> latestJobs(int limit) {
    return jdbc.sql("SELECT * FROM job ORDER BY accepted_at DESC LIMIT :limit")
        .param("limit", limit)
        .query(JOB.mapper())
        .list();
  }

  @Override
  public long estimatedCostSince(Instant acceptedAt) {
    return jdbc.sql(
            """
            SELECT COALESCE(SUM(estimated_cost), 0) FROM job WHERE accepted_at >= :since AND EXISTS
              (SELECT 1 FROM part WHERE job_id = job.id AND (batch_id IS NOT NULL
                OR status IN ('PLANNED', 'UPLOADING', 'UPLOADED', 'CREATING')))
            """)
        .param("since", acceptedAt.toEpochMilli())
        .query(Long.class)
        .single();
  }

  @Override
  public List<Job> parkedJobs() {
    return jdbc.sql(
            "SELECT * FROM job WHERE parked_at IS NOT NULL OR id IN"
                + " (SELECT job_id FROM part WHERE parked_at IS NOT NULL) ORDER BY accepted_at")
        .query(JOB.mapper())
        .list();
  }

  @Override
  public List<Job> undeliveredJobs() {
    return jdbc.sql(
            "SELECT * FROM job WHERE status IN (:delivering) AND setback IS NOT NULL"
                + " ORDER BY accepted_at")
        .param("delivering", DELIVERING)
        .query(JOB.mapper())
        .list();
  }

  private Optional<Job> findByIdentity(String identity) {
    return jdbc.sql("SELECT * FROM job WHERE identity = :identity")
        .param("identity", identity)
        .query(JOB.mapper())
        .optional();
  }

  @Override
  public Optional<Job> job(String id) {
    return jdbc.sql("SELECT * FROM job WHERE id = :id")
        .param("id", id)
        .query(JOB.mapper())
        .optional();
  }

  @Override
  public Optional<Part> part(String id) {
    return jdbc.sql("SELECT * FROM part WHERE id = :id")
        .param("id", id)
        .query(PART.mapper())
        .optional();
  }

  @Override
  public List<Part> parts(String jobId) {
    return jdbc.sql("SELECT * FROM part WHERE job_id = :job ORDER BY number, name")
        .param("job", jobId)
        .query(PART.mapper())
        .list();
  }

  @Override
  public Map<String, Long> unfinishedJobs() {
    var counts = new TreeMap<String, Long>();
    jdbc.sql(
            "SELECT pipeline, COUNT(*) AS n FROM job WHERE status IN (:statuses) GROUP BY pipeline")
        .param("statuses", UNFINISHED_JOBS)
        .query(row -> {
          counts.put(row.getString("pipeline"), row.getLong("n"));
        });
    return counts;
  }

  @Override
  public long jobsWaitingFor(String provider) {
    return jdbc.sql(
            "SELECT COUNT(DISTINCT job_id) FROM part WHERE provider = :provider AND status IN (:statuses)")
        .param("provider", provider)
        .param("statuses", PARTS_FOR_PROVIDERS)
        .query(Long.class)
        .single();
  }

  @Override
  public Map<JobStatus, Long> countJobs() {
    return count("job", JobStatus.class);
  }

  @Override
  public Map<PartStatus, Long> countParts() {
    return count("part", PartStatus.class);
  }

  private <E extends Enum<E>> Map<E, Long> count(String table, Class<E> statuses) {
    var counts = new EnumMap<E, Long>(statuses);
    jdbc.sql("SELECT status, COUNT(*) AS n FROM " + table + " GROUP BY status")
        .query(row -> {
          counts.put(Enum.valueOf(statuses, row.getString("status")), row.getLong("n"));
        });
    return counts;
  }

  @Override
  public boolean reserve(String path, String jobId, String kind) {
    jdbc.sql(
            "INSERT INTO delivery (path, job_id, kind) VALUES (:path, :job, :kind)"
                + " ON CONFLICT (path) DO NOTHING")
        .param("path", path)
        .param("job", jobId)
        .param("kind", kind)
        .update();
    return jdbc.sql("SELECT job_id FROM delivery WHERE path = :path")
        .param("path", path)
        .query(String.class)
        .optional()
        .filter(jobId::equals)
        .isPresent();
  }

  @Override
  public boolean forfeit(String path) {
    return jdbc.sql(
                "DELETE FROM delivery WHERE path = :path AND job_id IN"
                    + " (SELECT id FROM job WHERE status IN ('DELIVERED', 'RELEASED'))")
            .param("path", path)
            .update()
        > 0;
  }

  @Override
  public Map<String, String> deliveries(String jobId) {
    return jdbc
        .sql("SELECT kind, path FROM delivery WHERE job_id = :job")
        .param("job", jobId)
        .query((row, n) -> Map.entry(row.getString("kind"), row.getString("path")))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (first, other) -> first));
  }

  @Override
  public List<String> reservedWith(String path) {
    return jdbc.sql(
            "SELECT path FROM delivery WHERE job_id ="
                + " (SELECT job_id FROM delivery WHERE path = :path)")
        .param("path", path)
        .query(String.class)
        .list();
  }

  private static List<String> names(Stream<? extends Enum<?>> words) {
    return words.<String>map(Enum::name).toList();
  }
}

package io.caravan.job;

import io.caravan.lease.Database;
import io.caravan.lease.StaleRowException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The rows of jobs and parts, with the same SQL for SQLite and PostgreSQL. Each change of a status
 * is written here, if the table of transitions allows it and the row has not changed.
 */
public final class JobStore {
  private static final Logger LOG = LoggerFactory.getLogger(JobStore.class);
  private static final int MOST_OTHERS = 10;
  static final Table<Job> JOB = new Table<>("job", Job.class);
  static final Table<Part> PART = new Table<>("part", Part.class);

  private final JdbcClient jdbc;
  private final JdbcClient passing;
  private final TransactionOperations transactions;
  private final Consumer<String> onTerminalPart;
  private final String fence;

  /**
   * Creates a store on a database.
   *
   * @param passing for the time of the next poll, which a power failure may lose
   * @param onTerminalPart receives the id of a job of which a part became terminal
   */
  JobStore(
      JdbcClient jdbc,
      JdbcClient passing,
      TransactionOperations transactions,
      Database database,
      Consumer<String> onTerminalPart) {
    this.jdbc = jdbc;
    this.passing = passing;
    this.transactions = transactions;
    this.onTerminalPart = onTerminalPart;
    this.fence =
        " AND COALESCE(owner, '') = :held AND (:held = '' OR EXISTS (SELECT 1 FROM replica"
            + " WHERE id = :held AND lease_until > %s))".formatted(database.now());
  }

  /**
   * Stores a job for a file, or returns the earlier job for the same file or content.
   *
   * @param allowDuplicates whether content that was accepted before may be sent and paid for again
   */
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
      String own = job.identity() + "|" + job.file().arrival();
      Optional<Job> again =
          findByIdentity(own)
              .or(() -> findByIdentity(job.identity()))
              .filter(before -> before.file().arrival().equals(job.file().arrival()));
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
    return job.status().finished() && job.counts().results() == 0;
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
                job.file().bytes()));
  }

  /** Of the given arrivals, those that the pipeline has accepted, mapped to job ids. */
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

  /** Stores the parts and moves the job to {@link JobStatus#IN_PROGRESS}, in one transaction. */
  public Job plan(Job job, List<Part> parts, Consumer<JobBuilder> change) {
    return transactions.execute(tx -> {
      parts.forEach(this::insert);
      return update(job, change);
    });
  }

  /** Writes the part and the further parts created from it, in one transaction. */
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

  /**
   * Writes a changed row if it has not changed since it was read.
   *
   * @throws StaleRowException when it has changed or is held by another replica
   * @throws IllegalStateException when the status transition is not allowed
   */
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

  /** Writes a changed row, like {@link #update(Job, Consumer)}. */
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
      onTerminalPart.accept(next.jobId());
    }
    tell(part, next);
    return next;
  }

  /**
   * Schedules the next poll of a running batch and releases the row. A power failure may lose this
   * write; then the batch is polled once more.
   */
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
    } else if (next.submission().batchStatus() != part.submission().batchStatus()
        && part.submission().batchStatus() != null) {
      log(next, word(part.submission().batchStatus()), word(next.submission().batchStatus()));
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
                    next.counts().requests(),
                    next.counts().results(),
                    next.counts().errors()));
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
                    part.submission().batchId() == null ? "-" : part.submission().batchId(),
                    part.pipeline(),
                    from,
                    to,
                    part.size().requests(),
                    part.submission().completed(),
                    part.submission().failed()));
  }

  private Optional<Job> findByIdentity(String identity) {
    return jdbc.sql("SELECT * FROM job WHERE identity = :identity")
        .param("identity", identity)
        .query(JOB.mapper())
        .optional();
  }

  /** The job with that id. */
  public Optional<Job> job(String id) {
    return jdbc.sql("SELECT * FROM job WHERE id = :id")
        .param("id", id)
        .query(JOB.mapper())
        .optional();
  }

  /** The part with that id. */
  public Optional<Part> part(String id) {
    return jdbc.sql("SELECT * FROM part WHERE id = :id")
        .param("id", id)
        .query(PART.mapper())
        .optional();
  }

  /** The row of a claimed job, unless another replica holds it now. */
  public Optional<Job> held(Job claimed) {
    return job(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** The row of a claimed part, unless another replica holds it now. */
  public Optional<Part> held(Part claimed) {
    return part(claimed.id()).filter(row -> Objects.equals(row.owner(), claimed.owner()));
  }

  /** The parts of a job in order. */
  public List<Part> parts(String jobId) {
    return jdbc.sql("SELECT * FROM part WHERE job_id = :job ORDER BY number, name")
        .param("job", jobId)
        .query(PART.mapper())
        .list();
  }

  /** The retries of a job, oldest first. */
  public List<Job> retries(String jobId) {
    return jdbc.sql("SELECT * FROM job WHERE retry_of = :job ORDER BY accepted_at, id")
        .param("job", jobId)
        .query(JOB.mapper())
        .list();
  }

  /**
   * The job that now contains the requests of a finished job: a retry, or the same content dropped
   * again, if it is unfinished or has results.
   */
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
}

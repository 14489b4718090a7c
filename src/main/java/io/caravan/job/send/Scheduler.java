package io.caravan.job.send;

import io.caravan.job.Job;
import io.caravan.job.PartStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Whether jobs with a schedule are sent at its times, and which of them an operator sends now. The
 * state is stored, and holds for all replicas.
 */
public final class Scheduler {
  private static final String ID = "scheduler";
  private static final List<String> UNSENT =
      List.of(PartStatus.PLANNED.name(), PartStatus.UPLOADED.name());

  /** Until somebody starts the scheduler. */
  private static final Instant NEVER = Instant.parse("9999-12-31T00:00:00Z");

  private final JdbcClient jdbc;

  public Scheduler(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * The state of the scheduler.
   *
   * @param stoppedAt when it was last stopped
   * @param startedAt when it was last started again
   */
  public record State(boolean running, @Nullable Instant stoppedAt, @Nullable Instant startedAt) {
    private static final State NEW = new State(true, null, null);

    /** When a job may be sent: its time, or the end of a stop that covers this. */
    public Instant sendAt(Instant time) {
      if (!running && stoppedAt != null && !time.isBefore(stoppedAt)) {
        return NEVER;
      }
      return running
              && stoppedAt != null
              && startedAt != null
              && !time.isBefore(stoppedAt)
              && time.isBefore(startedAt)
          ? startedAt
          : time;
    }
  }

  /** The present state. */
  public State state() {
    return jdbc.sql("SELECT running, stopped_at, started_at FROM scheduler WHERE id = :id")
        .param("id", ID)
        .query((row, n) ->
            new State(
                row.getInt("running") == 1,
                time(row.getObject("stopped_at")),
                time(row.getObject("started_at"))))
        .optional()
        .orElse(State.NEW);
  }

  private static @Nullable Instant time(@Nullable Object millis) {
    return millis instanceof Number number ? Instant.ofEpochMilli(number.longValue()) : null;
  }

  /** Stops sending jobs that have a schedule; does nothing if it is stopped. */
  public void stop(Instant now) {
    jdbc.sql(
            "INSERT INTO scheduler (id, running, stopped_at) VALUES (:id, 0, :now)"
                + " ON CONFLICT (id) DO UPDATE SET running = 0, stopped_at = excluded.stopped_at"
                + " WHERE scheduler.running = 1")
        .param("id", ID)
        .param("now", now.toEpochMilli())
        .update();
  }

  /** Sends them again, those at once whose time has passed; does nothing if it is running. */
  public void start(Instant now) {
    int started =
        jdbc.sql("UPDATE scheduler SET running = 1, started_at = :now WHERE running = 0")
            .param("now", now.toEpochMilli())
            .update();
    if (started > 0) {
      jdbc.sql(
              "UPDATE part SET due_at = :now WHERE status IN (:unsent) AND due_at > :now AND job_id IN"
                  + " (SELECT id FROM job WHERE send_at <= :now)")
          .param("now", now.toEpochMilli())
          .param("unsent", UNSENT)
          .update();
    }
  }

  /** Sends a job now, or as soon as it exists, whatever its schedule. */
  public void sendNow(String jobId, Instant now) {
    jdbc.sql(
            "INSERT INTO send_now (job_id, requested_at) VALUES (:job, :now)"
                + " ON CONFLICT (job_id) DO NOTHING")
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
    jdbc.sql(
            "UPDATE part SET due_at = :now WHERE job_id = :job AND status IN (:unsent) AND due_at > :now")
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .param("unsent", UNSENT)
        .update();
  }

  /** When an operator asked to send a job now; empty if nobody did. */
  public Optional<Instant> sentNowAt(String jobId) {
    return jdbc.sql("SELECT requested_at FROM send_now WHERE job_id = :job")
        .param("job", jobId)
        .query(Long.class)
        .optional()
        .map(Instant::ofEpochMilli);
  }

  /** From when on a job may be sent: its acceptance, unless its schedule says later. */
  public Instant sendAt(Job job) {
    Instant time = job.timing().sendAt();
    if (time == null) {
      return job.acceptedAt();
    }
    Instant at = sentNowAt(job.id()).orElseGet(() -> state().sendAt(time));
    return at.isBefore(job.acceptedAt()) ? job.acceptedAt() : at;
  }

  /**
   * The ids of unfinished jobs with a schedule that still have parts to send, the next first.
   *
   * @param pipeline null for those of all pipelines
   */
  public List<String> held(@Nullable String pipeline, int limit) {
    return jdbc.sql(
            "SELECT id FROM job WHERE send_at IS NOT NULL AND status IN ('ACCEPTED', 'IN_PROGRESS')"
                + (pipeline == null ? "" : " AND pipeline = :pipeline")
                + " AND id NOT IN (SELECT job_id FROM send_now)"
                + " AND (status = 'ACCEPTED' OR EXISTS (SELECT 1 FROM part WHERE job_id = job.id"
                + " AND part.status IN (:unsent))) ORDER BY send_at, accepted_at LIMIT :limit")
        .param("pipeline", pipeline)
        .param("unsent", UNSENT)
        .param("limit", limit)
        .query(String.class)
        .list();
  }
}

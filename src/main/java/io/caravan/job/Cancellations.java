package io.caravan.job;

import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Jobs that an operator wants to end; in rows of their own, since a job's row belongs to who works
 * on it.
 */
public final class Cancellations {
  private final JdbcClient jdbc;

  public Cancellations(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Wants a job to end, and its parts to hear of it soon. */
  public void request(String jobId, Instant now) {
    jdbc.sql(
            "INSERT INTO cancellation (job_id, requested_at) VALUES (:job, :now)"
                + " ON CONFLICT (job_id) DO NOTHING")
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
    jdbc.sql("UPDATE part SET due_at = :now WHERE job_id = :job AND due_at > :now")
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
  }

  /** Whether a job is to end. */
  public boolean requested(String jobId) {
    return requestedAt(jobId).isPresent();
  }

  /** Since when a job is to end. */
  public Optional<Instant> requestedAt(String jobId) {
    return jdbc.sql("SELECT requested_at FROM cancellation WHERE job_id = :job")
        .param("job", jobId)
        .query(Long.class)
        .optional()
        .map(Instant::ofEpochMilli);
  }
}

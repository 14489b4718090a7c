package io.caravan.job;

import java.time.Instant;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Requests to cancel jobs. They have a table of their own because only the replica that holds a job
 * may write its row.
 */
public final class Cancellations {
  private final JdbcClient jdbc;

  public Cancellations(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Requests the cancellation of a job and makes its parts due now. */
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

  /** Whether the cancellation of a job was requested. */
  public boolean requested(String jobId) {
    return requestedAt(jobId).isPresent();
  }

  /** When the cancellation of a job was requested. */
  public Optional<Instant> requestedAt(String jobId) {
    return jdbc.sql("SELECT requested_at FROM cancellation WHERE job_id = :job")
        .param("job", jobId)
        .query(Long.class)
        .optional()
        .map(Instant::ofEpochMilli);
  }
}

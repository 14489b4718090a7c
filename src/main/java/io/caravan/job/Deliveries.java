package io.caravan.job;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The paths and names of outputs, each reserved for one job. */
public final class Deliveries {
  private final JdbcClient jdbc;

  Deliveries(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Reserves a path in an outbound folder, or a name, for a job; false if another job has it. */
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

  /** Removes the reservation of a finished job; false if the job is unfinished or there is none. */
  public boolean forfeit(String path) {
    return jdbc.sql(
                "DELETE FROM delivery WHERE path = :path AND job_id IN"
                    + " (SELECT id FROM job WHERE status IN ('DELIVERED', 'RELEASED'))")
            .param("path", path)
            .update()
        > 0;
  }

  /** The paths of a job's outputs by kind. */
  public Map<String, String> of(String jobId) {
    return jdbc
        .sql("SELECT kind, path FROM delivery WHERE job_id = :job")
        .param("job", jobId)
        .query((row, n) -> Map.entry(row.getString("kind"), row.getString("path")))
        .list()
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (first, other) -> first));
  }

  /** All paths reserved by the job that has this one. */
  public List<String> reservedWith(String path) {
    return jdbc.sql(
            "SELECT path FROM delivery WHERE job_id ="
                + " (SELECT job_id FROM delivery WHERE path = :path)")
        .param("path", path)
        .query(String.class)
        .list();
  }
}

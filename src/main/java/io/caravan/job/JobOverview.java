package io.caravan.job;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Questions about many jobs: for operators, metrics, health and budgets. */
public final class JobOverview {
  private static final List<String> UNFINISHED_JOBS =
      Table.names(JobStatus.values(), s -> !s.finished());
  private static final List<String> PARTS_FOR_PROVIDERS =
      Table.names(PartStatus.values(), s -> s.verb().matches("submit|watch|retrieve|call"));
  private static final List<String> DELIVERING =
      Table.names(JobStatus.values(), s -> s.verb().matches("deliver-.*|report"));

  private final JdbcClient jdbc;

  JobOverview(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Jobs whose id starts with {@code beginning}. */
  public List<Job> jobsNamed(String beginning, int limit) {
    return jdbc.sql(
            "SELECT * FROM job WHERE substr(id, 1, :length) = :beginning ORDER BY id LIMIT :limit")
        .param("length", beginning.length())
        .param("beginning", beginning)
        .param("limit", limit)
        .query(JobStore.JOB.mapper())
        .list();
  }

  /** The latest accepted jobs in any status, newest first. */
  public List<Job> latestJobs(int limit) {
    return jdbc.sql("SELECT * FROM job ORDER BY accepted_at DESC LIMIT :limit")
        .param("limit", limit)
        .query(JobStore.JOB.mapper())
        .list();
  }

  /** The job of the batch with that id at its provider; the latest one, if there are several. */
  public Optional<Job> jobOfBatch(String batchId) {
    return jdbc.sql(
            "SELECT * FROM job WHERE id IN (SELECT job_id FROM part WHERE batch_id = :batch)"
                + " ORDER BY accepted_at DESC LIMIT 1")
        .param("batch", batchId)
        .query(JobStore.JOB.mapper())
        .optional();
  }

  /** Jobs that are parked or have a parked part. */
  public List<Job> parkedJobs() {
    return jdbc.sql(
            "SELECT * FROM job WHERE parked_at IS NOT NULL OR id IN"
                + " (SELECT job_id FROM part WHERE parked_at IS NOT NULL) ORDER BY accepted_at")
        .query(JobStore.JOB.mapper())
        .list();
  }

  /** Jobs whose outputs could not be delivered yet. */
  public List<Job> undeliveredJobs() {
    return jdbc.sql(
            "SELECT * FROM job WHERE status IN (:delivering) AND setback IS NOT NULL"
                + " ORDER BY accepted_at")
        .param("delivering", DELIVERING)
        .query(JobStore.JOB.mapper())
        .list();
  }

  /**
   * The estimated cost, in millionths of a USD, of all jobs accepted since then that sent something
   * or will send something.
   */
  public long estimatedCostSince(Instant acceptedAt) {
    return jdbc.sql(
            """
            SELECT COALESCE(SUM(estimated_cost), 0) FROM job WHERE accepted_at >= :since AND EXISTS
              (SELECT 1 FROM part WHERE job_id = job.id AND (batch_id IS NOT NULL
                OR status IN ('PLANNED', 'UPLOADING', 'UPLOADED', 'CREATING', 'CALLING')))
            """)
        .param("since", acceptedAt.toEpochMilli())
        .query(Long.class)
        .single();
  }

  /** The number of unfinished jobs of each pipeline. */
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

  /** The number of jobs with a part whose next step calls that provider. */
  public long jobsWaitingFor(String provider) {
    return jdbc.sql(
            "SELECT COUNT(DISTINCT job_id) FROM part WHERE provider = :provider AND status IN (:statuses)")
        .param("provider", provider)
        .param("statuses", PARTS_FOR_PROVIDERS)
        .query(Long.class)
        .single();
  }

  /** The number of jobs by status, for metrics. */
  public Map<JobStatus, Long> countJobs() {
    return count("job", JobStatus.class);
  }

  /** The number of parts by status, for metrics. */
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
}

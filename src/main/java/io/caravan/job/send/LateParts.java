package io.caravan.job.send;

import io.caravan.job.BatchStatus;
import io.caravan.job.CutShort;
import io.caravan.lease.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Parts whose answers may come too late. Rows are not claimed: an update only says that a batch is
 * not waited for any longer, and only if nobody holds the row.
 */
public final class LateParts {
  private final JdbcClient jdbc;
  private final String free;

  public LateParts(JdbcClient jdbc, Database database) {
    this.jdbc = jdbc;
    this.free = database.isFree();
  }

  /**
   * A batch in flight.
   *
   * @param countedAt when its status or counts last changed
   */
  public record InFlight(
      String part,
      String pipeline,
      String provider,
      @Nullable String batch,
      @Nullable BatchStatus status,
      Instant submittedAt,
      Instant countedAt,
      @Nullable Instant cancelledAt,
      @Nullable CutShort cutShort,
      long version) {}

  /** The batches that were submitted before that time, the oldest first. */
  public List<InFlight> submittedBefore(Instant time, int most) {
    return jdbc.sql(
            "SELECT id, pipeline, provider, batch_id, batch_status, submitted_at, counted_at,"
                + " cancelled_at, cut_short, version FROM part WHERE status = 'SUBMITTED'"
                + " AND parked_at IS NULL AND submitted_at < :time ORDER BY submitted_at LIMIT :most")
        .param("time", time.toEpochMilli())
        .param("most", most)
        .query((row, n) -> inFlight(row))
        .list();
  }

  private static InFlight inFlight(ResultSet row) throws SQLException {
    Instant submitted = Instant.ofEpochMilli(row.getLong("submitted_at"));
    Instant counted = time(row, "counted_at");
    String status = row.getString("batch_status");
    String cut = row.getString("cut_short");
    return new InFlight(
        row.getString("id"),
        row.getString("pipeline"),
        row.getString("provider"),
        row.getString("batch_id"),
        status == null ? null : BatchStatus.valueOf(status),
        submitted,
        counted == null ? submitted : counted,
        time(row, "cancelled_at"),
        cut == null ? null : CutShort.valueOf(cut),
        row.getLong("version"));
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column) instanceof Number millis
        ? Instant.ofEpochMilli(millis.longValue())
        : null;
  }

  /** The ids of unfinished jobs whose deadline is before that time, the earliest first. */
  public List<String> neededBefore(Instant time, int most) {
    return jdbc.sql(
            "SELECT id FROM job WHERE deadline_at < :time AND status IN ('ACCEPTED', 'IN_PROGRESS')"
                + " ORDER BY deadline_at LIMIT :most")
        .param("time", time.toEpochMilli())
        .param("most", most)
        .query(String.class)
        .list();
  }

  /**
   * Stores that the batch of a part is not waited for any longer, so that it is cancelled.
   *
   * @return false if a replica holds the row, or it has changed
   */
  public boolean cut(String part, long version, CutShort reason, Instant now) {
    return jdbc.sql(
                "UPDATE part SET cut_short = :reason, due_at = :now, version = version + 1"
                    + " WHERE id = :id AND version = :version AND status = 'SUBMITTED'"
                    + " AND cut_short IS NULL AND "
                    + free)
            .param("reason", reason.name())
            .param("now", now.toEpochMilli())
            .param("id", part)
            .param("version", version)
            .update()
        > 0;
  }

  /** Makes the unsent parts of a job due, so that they are sent another way. */
  public void hurryUnsent(String jobId, Instant now) {
    jdbc.sql(
            "UPDATE part SET due_at = :now WHERE job_id = :job AND status IN ('PLANNED', 'UPLOADED')"
                + " AND way = 'BATCH' AND due_at > :now AND "
                + free)
        .param("job", jobId)
        .param("now", now.toEpochMilli())
        .update();
  }
}

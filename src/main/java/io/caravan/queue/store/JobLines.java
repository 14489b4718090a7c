package io.caravan.queue.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueJob;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The input file of a job, read from the rows of its requests as it is consumed: by priority, then
 * by age.
 */
public final class JobLines extends InputStream {
  private static final int ROWS = 500;
  private static final long BYTES = 4 << 20;

  private final JdbcClient jdbc;
  private final QueueJob job;
  private byte[] page = {};
  private int position;
  private int priority = Integer.MAX_VALUE;
  private String last = "";

  public JobLines(JdbcClient jdbc, QueueJob job) {
    this.jdbc = jdbc;
    this.job = job;
  }

  @Override
  public int read() throws IOException {
    return fill() ? page[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int some = Math.min(length, page.length - position);
    System.arraycopy(page, position, bytes, offset, some);
    position += some;
    return some;
  }

  private record Row(String id, String customId, String body) {}

  private record Size(String id, long bytes) {}

  private boolean fill() throws IOException {
    while (position == page.length) {
      String until = until();
      if (until == null) {
        return false;
      }
      page = lines(rows(until));
      position = 0;
      last = until;
    }
    return true;
  }

  /** The last id of the next page, of this priority or the next lower one; null at the end. */
  private @Nullable String until() {
    while (true) {
      String until = null;
      long bytes = 0;
      for (Size size : sizes()) {
        bytes += size.bytes();
        if (until != null && bytes > BYTES) {
          break;
        }
        until = size.id();
      }
      if (until != null) {
        return until;
      }
      Optional<Integer> lower = lowerPriority();
      if (lower.isEmpty()) {
        return null;
      }
      priority = lower.get();
      last = "";
    }
  }

  private Optional<Integer> lowerPriority() {
    return jdbc.sql(
            "SELECT priority FROM queue_request WHERE job_id = ? AND priority < ?"
                + " ORDER BY priority DESC LIMIT 1")
        .params(job.id(), priority)
        .query(Integer.class)
        .optional();
  }

  private List<Size> sizes() {
    return jdbc.sql(
            "SELECT id, bytes FROM queue_request WHERE job_id = ? AND priority = ? AND id > ?"
                + " ORDER BY id LIMIT ?")
        .params(job.id(), priority, last, ROWS)
        .query((row, n) -> new Size(row.getString("id"), row.getLong("bytes")))
        .list();
  }

  private List<Row> rows(String until) {
    return jdbc.sql(
            "SELECT id, custom_id, body FROM queue_request WHERE job_id = ? AND priority = ?"
                + " AND id > ? AND id <= ? ORDER BY id")
        .params(job.id(), priority, last, until)
        .query((row, n) ->
            new Row(row.getString("id"), row.getString("custom_id"), row.getString("body")))
        .list();
  }

  private byte[] lines(List<Row> rows) throws IOException {
    var lines = new ByteArrayOutputStream();
    for (Row row : rows) {
      lines.write(line(row.customId(), job.group().endpoint(), row.body().getBytes(UTF_8)));
    }
    return lines.toByteArray();
  }

  /**
   * The line of a request, with its line end.
   *
   * @param body its JSON in UTF-8
   */
  public static byte[] line(String customId, String endpoint, byte[] body) throws IOException {
    var line = new ByteArrayOutputStream(body.length + customId.length() + 128);
    try (JsonGenerator json = StrictJson.JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("custom_id", customId);
      json.writeStringField("method", "POST");
      json.writeStringField("url", endpoint);
      json.writeFieldName("body");
      json.writeRawValue(""); // the separator
      json.flush();
      line.write(body);
      json.writeEndObject();
    }
    line.write('\n');
    return line.toByteArray();
  }
}

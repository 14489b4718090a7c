package io.caravan.server.store.postgres;

import io.caravan.disk.DiskReserve;
import io.caravan.server.store.BatchFolder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The table of answers of unfinished batches. */
final class AnswerRows {
  /** Answers held in memory at once, a few kilobytes each. */
  private static final int PAGE = 100;

  private static final byte[] BEFORE_ALL = {};

  private final JdbcClient jdbc;

  AnswerRows(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Writes the stored answers into the result files. */
  void copy(String batchId, BatchFolder folder) throws IOException {
    try (OutputStream output = open(folder.output());
        OutputStream errors = open(folder.errors())) {
      List<Row> page = after(batchId, BEFORE_ALL);
      while (!page.isEmpty()) {
        for (Row answer : page) {
          (answer.succeeded() ? output : errors).write(answer.line());
        }
        page = after(batchId, page.getLast().customId());
      }
    }
  }

  private static OutputStream open(Path file) throws IOException {
    return new BufferedOutputStream(DiskReserve.newOutputStream(file));
  }

  private List<Row> after(String batchId, byte[] customId) {
    return jdbc.sql(
            "SELECT custom_id, succeeded, line FROM server_answer"
                + " WHERE batch_id = ? AND custom_id > ? ORDER BY custom_id LIMIT ?")
        .params(batchId, customId, PAGE)
        .query(Row.class)
        .list();
  }

  void delete(String batchId) {
    jdbc.sql("DELETE FROM server_answer WHERE batch_id = ?").param(batchId).update();
  }

  /** One answer. */
  @SuppressWarnings("ArrayRecordComponent") // read and written, never compared
  record Row(byte[] customId, boolean succeeded, byte[] line) {}
}

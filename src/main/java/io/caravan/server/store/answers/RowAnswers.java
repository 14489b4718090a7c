package io.caravan.server.store.answers;

import io.caravan.disk.DiskReserve;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** The answers of several replicas, in groups; the result files are a copy that may be lost. */
public final class RowAnswers implements AnswerStore {
  /** Groups held in memory at once. */
  private static final int PAGE = 8;

  private final JdbcClient jdbc;
  private final AnswerLog log;

  /**
   * Starts the writer of answers.
   *
   * @param patience how long to retry while the database is unavailable
   */
  public RowAnswers(DataSource source, Duration patience) {
    this.jdbc = JdbcClient.create(source);
    this.log = new AnswerLog(source, patience);
  }

  @Override
  public Journal open(Run run, BatchFolder folder) throws IOException {
    FileSystemUtils.deleteRecursively(folder.path());
    Files.createDirectories(folder.path());
    return new RowJournal(log, run, restore(run.batchId(), folder));
  }

  /** Returns the number of the last group. */
  private long restore(String batchId, BatchFolder folder) throws IOException {
    long last = 0;
    try (OutputStream output = create(folder.output());
        OutputStream errors = create(folder.errors())) {
      List<Group> page = after(batchId, last);
      while (!page.isEmpty()) {
        for (Group group : page) {
          output.write(group.output());
          errors.write(group.errors());
          last = group.number();
        }
        page = after(batchId, last);
      }
    }
    return last;
  }

  private static OutputStream create(Path file) throws IOException {
    return new BufferedOutputStream(DiskReserve.newOutputStream(file));
  }

  private List<Group> after(String batchId, long number) {
    return jdbc.sql(
            "SELECT number, output, errors FROM server_answers"
                + " WHERE batch_id = ? AND number > ? ORDER BY number LIMIT ?")
        .params(batchId, number, PAGE)
        .query(Group.class)
        .list();
  }

  @Override
  public void delete(String batchId) {
    jdbc.sql("DELETE FROM server_answers WHERE batch_id = ?").param(batchId).update();
  }

  @Override
  public long bytes() {
    return jdbc.sql(
            "SELECT COALESCE(SUM(octet_length(output) + octet_length(errors)), 0) FROM server_answers")
        .query(Long.class)
        .single();
  }

  @Override
  public void close() {
    log.close();
  }

  /** Answers that were committed together. */
  @SuppressWarnings("ArrayRecordComponent") // read and written, never compared
  record Group(long number, byte[] output, byte[] errors) {}
}

package io.caravan.server.store.answers;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Writes the answers of all batches; the waiting answers of a batch become one row, and the rows of
 * all batches are sent together. A batch that another replica has taken over gets no row.
 */
final class AnswerLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AnswerLog.class);
  private static final int MOST_ANSWERS = 500;
  private static final long MOST_BYTES = 2 << 20;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  /** The row of the lease is locked until the commit, so a claim is either before or after it. */
  private static final String INSERT =
      """
      INSERT INTO server_answers (batch_id, number, output, errors)
      SELECT batch_id, ?, ?, ? FROM server_run WHERE batch_id = ? AND owner = ? FOR SHARE
      ON CONFLICT (batch_id, number) DO UPDATE SET output = excluded.output, errors = excluded.errors\
      """;

  private final JdbcTemplate jdbc;
  private final Duration patience;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final Thread writer;

  /** Completes the futures, so that the writer can continue with the next group. */
  private final ExecutorService told =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("caravan-batch-kept").factory());

  AnswerLog(DataSource source, Duration patience) {
    this.jdbc = new JdbcTemplate(source);
    this.patience = patience;
    this.writer =
        Thread.ofPlatform().daemon().name("caravan-batch-answers").unstarted(this::writeAll);
    this.writer.start();
  }

  /** Completes once the answer is on the database's disk. */
  CompletableFuture<@Nullable Void> add(RowJournal journal, boolean succeeded, byte[] line) {
    var answer = new Waiting(journal, succeeded, line, new CompletableFuture<@Nullable Void>());
    waiting.add(answer);
    return answer.kept();
  }

  private void writeAll() {
    try {
      while (true) {
        keep(List.copyOf(next().values()));
      }
    } catch (InterruptedException e) {
      // closed: futures of remaining answers never complete, as after a crash
      return;
    }
  }

  private Map<RowJournal, Group> next() throws InterruptedException {
    Map<RowJournal, Group> groups = new LinkedHashMap<>();
    long bytes = 0;
    int answers = 0;
    for (Waiting next = waiting.take(); next != null; next = waiting.poll()) {
      groups
          .computeIfAbsent(next.journal(), journal -> new Group(journal, journal.next()))
          .add(next);
      bytes += next.line().length;
      answers++;
      if (answers == MOST_ANSWERS || bytes >= MOST_BYTES) {
        break;
      }
    }
    return groups;
  }

  private void keep(List<Group> groups) throws InterruptedException {
    try {
      int[] written = tryFor(groups);
      told.execute(() -> {
        for (int i = 0; i < written.length; i++) {
          groups.get(i).tell(written[i] > 0);
        }
      });
    } catch (RuntimeException e) {
      told.execute(() -> groups.forEach(group -> group.fail(e)));
    }
  }

  /** Retries until {@code patience} is over: answers cost money, and the insert is idempotent. */
  private int[] tryFor(List<Group> groups) throws InterruptedException {
    List<Object[]> rows = groups.stream().map(Group::row).toList();
    long begun = System.nanoTime();
    while (true) {
      try {
        return jdbc.batchUpdate(INSERT, rows);
      } catch (DataAccessException e) {
        if (System.nanoTime() - begun > patience.toNanos()) {
          throw e;
        }
        LOG.debug("Storing answers failed, retrying", e);
        Thread.sleep(BETWEEN_TRIES);
      }
    }
  }

  @Override
  public void close() {
    writer.interrupt();
    told.shutdown();
  }

  @SuppressWarnings("ArrayRecordComponent") // written and never compared
  private record Waiting(
      RowJournal journal, boolean succeeded, byte[] line, CompletableFuture<@Nullable Void> kept) {}

  /** The answers of one run that become one row. */
  private static final class Group {
    private final RowJournal journal;
    private final long number;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<CompletableFuture<@Nullable Void>> kept = new ArrayList<>();

    Group(RowJournal journal, long number) {
      this.journal = journal;
      this.number = number;
    }

    void add(Waiting answer) {
      (answer.succeeded() ? output : errors).writeBytes(answer.line());
      kept.add(answer.kept());
    }

    Object[] row() {
      var run = journal.run();
      return new Object[] {
        number, output.toByteArray(), errors.toByteArray(), run.batchId(), run.owner()
      };
    }

    void tell(boolean written) {
      if (written) {
        kept.forEach(answer -> answer.complete(null));
      } else {
        fail(journal.run().takenOver());
      }
    }

    void fail(RuntimeException reason) {
      kept.forEach(answer -> answer.completeExceptionally(reason));
    }
  }
}

package io.caravan.server.store.postgres;

import io.caravan.server.store.LeaseLostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/**
 * Writes the answers of all batches; waiting answers are grouped into one statement and one commit.
 * Rejects an answer if another server has taken over its batch.
 */
public final class AnswerLog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AnswerLog.class);
  private static final int MOST_ANSWERS = 500;
  private static final long MOST_BYTES = 8 << 20;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

  private final PostgresAccess postgres;
  private final Duration patience;
  private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final Thread writer;

  /** Completes the futures, so that the writer can go on with the next group. */
  private final ExecutorService told =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("caravan-batch-kept").factory());

  /**
   * @param patience how long to retry while the database is unavailable
   */
  public AnswerLog(PostgresAccess postgres, Duration patience) {
    this.postgres = postgres;
    this.patience = patience;
    this.writer =
        Thread.ofPlatform().daemon().name("caravan-batch-answers").unstarted(this::writeAll);
    this.writer.start();
  }

  /** Completes once the answer is on the database's disk. */
  CompletableFuture<@Nullable Void> add(Entry entry) {
    var answer = new Waiting(entry, new CompletableFuture<@Nullable Void>());
    waiting.add(answer);
    return answer.kept();
  }

  private void writeAll() {
    try {
      while (true) {
        keep(next());
      }
    } catch (InterruptedException e) {
      // closed: futures of remaining answers never complete, as after a crash
      return;
    }
  }

  private List<Waiting> next() throws InterruptedException {
    List<Waiting> group = new ArrayList<>();
    group.add(waiting.take());
    long bytes = group.getFirst().entry().line().length;
    for (Waiting more = waiting.peek();
        more != null && group.size() < MOST_ANSWERS && bytes < MOST_BYTES;
        more = waiting.peek()) {
      group.add(waiting.take());
      bytes += more.entry().line().length;
    }
    return group;
  }

  private void keep(List<Waiting> group) throws InterruptedException {
    try {
      Set<String> held = tryFor(group);
      told.execute(() -> group.forEach(answer -> answer.tell(held)));
    } catch (RuntimeException e) {
      told.execute(() -> group.forEach(answer -> answer.kept().completeExceptionally(e)));
    }
  }

  /** Retries until {@code patience} is over: answers cost money, and the insert is idempotent. */
  private Set<String> tryFor(List<Waiting> group) throws InterruptedException {
    List<Entry> entries = group.stream().map(Waiting::entry).toList();
    long begun = System.nanoTime();
    while (true) {
      try {
        return postgres.inTransaction(() -> write(entries));
      } catch (DataAccessException e) {
        if (System.nanoTime() - begun > patience.toNanos()) {
          throw e;
        }
        log.debug("Storing {} answers failed, retrying", entries.size(), e);
        Thread.sleep(BETWEEN_TRIES);
      }
    }
  }

  /** Returns the runners that still hold their leases, which are locked until the commit. */
  private Set<String> write(List<Entry> entries) {
    Set<String> held = held(entries);
    List<Entry> ours =
        entries.stream().filter(entry -> held.contains(entry.run().runner())).toList();
    if (!ours.isEmpty()) {
      insert(ours);
    }
    return held;
  }

  private Set<String> held(List<Entry> entries) {
    return Set.copyOf(
        postgres
            .jdbc()
            .sql(
                "SELECT runner FROM server_run WHERE batch_id = ANY (?) AND runner = ANY (?) FOR SHARE")
            .params(distinct(entries, RunRows.Run::batchId), distinct(entries, RunRows.Run::runner))
            .query(String.class)
            .list());
  }

  private static String[] distinct(List<Entry> entries, Function<RunRows.Run, String> member) {
    return entries.stream().map(Entry::run).map(member).distinct().toArray(String[]::new);
  }

  private void insert(List<Entry> entries) {
    boolean[] succeeded = new boolean[entries.size()];
    for (int i = 0; i < succeeded.length; i++) {
      succeeded[i] = entries.get(i).succeeded();
    }
    postgres
        .jdbc()
        .sql(
            "INSERT INTO server_answer (batch_id, custom_id, succeeded, line)"
                + " SELECT * FROM unnest(?, ?, ?, ?) ON CONFLICT DO NOTHING")
        .params(
            entries.stream().map(entry -> entry.run().batchId()).toArray(String[]::new),
            entries.stream().map(Entry::customId).toArray(byte[][]::new),
            succeeded,
            entries.stream().map(Entry::line).toArray(byte[][]::new))
        .update();
  }

  @Override
  public void close() {
    writer.interrupt();
    told.shutdown();
  }

  /** One answer, and the run of its batch. */
  @SuppressWarnings("ArrayRecordComponent") // written and never compared
  record Entry(RunRows.Run run, byte[] customId, boolean succeeded, byte[] line) {}

  private record Waiting(Entry entry, CompletableFuture<@Nullable Void> kept) {
    void tell(Set<String> held) {
      if (held.contains(entry.run().runner())) {
        kept.complete(null);
      } else {
        kept.completeExceptionally(new LeaseLostException(entry.run().batchId()));
      }
    }
  }
}

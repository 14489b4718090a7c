package io.caravan.server.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.BackendAnswer.Answered;
import io.caravan.server.store.DiskQuota;
import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.answers.BatchFolder;
import io.caravan.server.store.answers.Journal;
import io.caravan.server.wire.BatchUsage;
import io.caravan.server.wire.BoundedLineReader;
import io.caravan.server.wire.BoundedLineReader.Line;
import io.caravan.server.wire.Json;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The output and error files of a running batch; each answer is appended immediately. */
public final class ResultFiles implements Closeable {
  private final Tally tally;
  private final Journal journal;
  private final DiskQuota quota;
  private final Set<String> answered = new HashSet<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final FileOutputStream output;
  private final FileOutputStream errors;
  private boolean broken;

  /** Reads back answers from before a crash or stop, and truncates an incomplete last line. */
  public ResultFiles(BatchFolder folder, Tally tally, Journal journal, DiskQuota quota)
      throws IOException {
    this.tally = tally;
    this.journal = journal;
    this.quota = quota;
    readBack(folder.output(), true);
    readBack(folder.errors(), false);
    this.output = new FileOutputStream(folder.output().toFile(), true);
    this.errors = new FileOutputStream(folder.errors().toFile(), true);
  }

  /** Whether the request had its answer when the files were opened. */
  public boolean has(String customId) {
    return answered.contains(customId);
  }

  /** Journals an answer, then appends it; completes when the answer is counted. */
  public CompletableFuture<@Nullable Void> append(String customId, BackendAnswer answer) {
    try {
      byte[] line = line(customId, answer);
      return journal.append(answer.succeeded(), line).thenCompose(kept -> addKept(line, answer));
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<@Nullable Void> addKept(byte[] line, BackendAnswer answer) {
    try {
      add(line, answer);
      return CompletableFuture.completedFuture(null);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Appends an answer without waiting; {@link #sync()} makes all added answers durable. */
  void add(String customId, BackendAnswer answer) throws IOException {
    byte[] line = line(customId, answer);
    journal.add(answer.succeeded(), line);
    add(line, answer);
  }

  private byte[] line(String customId, BackendAnswer answer) throws IOException {
    var line = new ByteArrayOutputStream(1024);
    answer.writeLine(customId, line);
    claim(answer, line.size());
    return line.toByteArray();
  }

  private void add(byte[] line, BackendAnswer answer) throws IOException {
    write(answer.succeeded() ? output : errors, line);
    if (answer.succeeded() && answer instanceof Answered a) {
      tally.succeeded(BatchUsage.in(a.body()));
    } else {
      tally.failed();
    }
  }

  /**
   * Claims disk space. Lines of requests that were not run always fit, so that a full server can
   * end its batches.
   */
  private void claim(BackendAnswer answer, int bytes) throws IOException {
    if (!quota.take(bytes) && answer instanceof Answered) {
      throw new IOException(
          "there is no room for results within caravan.server.max-disk, or the disk is full");
    }
  }

  /** Rejects writes after a failed one, which may have left an incomplete line. */
  private void write(FileOutputStream file, byte[] line) throws IOException {
    lock.lock();
    try {
      if (broken) {
        throw new IOException("an earlier write failed");
      }
      broken = true;
      file.write(line);
      broken = false;
    } finally {
      lock.unlock();
    }
  }

  void sync() throws IOException {
    journal.sync();
    output.getFD().sync();
    errors.getFD().sync();
  }

  @Override
  public void close() throws IOException {
    output.close();
    errors.close();
  }

  private void readBack(Path file, boolean succeeded) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    long whole = 0;
    try (var lines = new BoundedLineReader(file, Integer.MAX_VALUE - 8)) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        Optional<ObjectNode> json =
            line.terminated() ? Json.tryObject(line.text()) : Optional.empty();
        if (json.isEmpty()) {
          break;
        }
        answered.add(json.get().path("custom_id").asText());
        count(json.get(), succeeded);
        whole = line.end();
      }
    }
    DurableFiles.truncate(file, whole);
  }

  private void count(ObjectNode line, boolean succeeded) {
    if (succeeded) {
      tally.succeeded(BatchUsage.of(line.at("/response/body/usage")));
    } else {
      tally.failed();
    }
  }
}

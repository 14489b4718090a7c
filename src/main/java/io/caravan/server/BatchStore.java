package io.caravan.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** Batches as folders {@code batches/<id>}; one exists once its {@code batch.json} does. */
final class BatchStore {
  private static final Logger log = LoggerFactory.getLogger(BatchStore.class);
  private static final Duration WINDOW = Duration.ofHours(24);

  private final Path root;
  private final FileStore files;
  private final DiskQuota quota;
  private final Clock clock;
  private final Map<String, Batch> batches = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();

  BatchStore(Path directory, FileStore files, DiskQuota quota, Clock clock) throws IOException {
    this.root = directory.toAbsolutePath().normalize().resolve("batches");
    this.files = files;
    this.quota = quota;
    this.clock = clock;
    Files.createDirectories(root);
    load();
  }

  /** Keeps the input under a name of its own, so that deleting the file cannot hurt the batch. */
  Batch create(String owner, BatchForm form) throws IOException {
    Instant now = clock.instant();
    var order =
        new Batch.Order(
            IdKind.BATCH.next(), sequence.incrementAndGet(), owner, form, now, now.plus(WINDOW));
    Batch batch = Batch.create(order);
    BatchFolder folder = folder(batch);
    Files.createDirectory(folder.path());
    Optional<StoredFile> input =
        files
            .find(form.inputFileId())
            .filter(file -> file.owner().equals(owner) && file.purpose().equals(FileForm.BATCH));
    if (input.isPresent()) {
      Disk.link(files.path(input.get()), folder.input());
    }
    save(batch);
    log.info("batch={} endpoint={} -> validating", batch.id(), form.endpoint().path());
    return batch;
  }

  Optional<Batch> find(String id) {
    return Optional.ofNullable(batches.get(id));
  }

  /** All, newest first. */
  List<Batch> all() {
    return batches.values().stream()
        .sorted(Comparator.comparingLong((Batch batch) -> batch.order().sequence()).reversed())
        .toList();
  }

  Batch update(String id, UnaryOperator<Batch> change) {
    lock.lock();
    try {
      Batch before = find(id).orElseThrow();
      Batch after = change.apply(before);
      if (!after.equals(before)) {
        save(after);
        logTransition(before, after);
      }
      return after;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  /** Leaves a batch that cannot be cancelled any more as it is. */
  Batch cancel(String id) {
    return update(
        id,
        batch ->
            batch.status().canBecome(BatchStatus.CANCELLING)
                ? batch.become(BatchStatus.CANCELLING, clock.instant())
                : batch);
  }

  BatchFolder folder(Batch batch) {
    return new BatchFolder(root.resolve(batch.id()));
  }

  /** Where the results of all batches have to fit in. */
  DiskQuota quota() {
    return quota;
  }

  /** Their result files live as long as they are to. */
  void forgetEndedBefore(Instant time) throws IOException {
    for (Batch batch : all()) {
      if (batch.status().terminal()
          && batch.reached().getOrDefault(batch.status(), time).isBefore(time)) {
        batches.remove(batch.id());
        FileSystemUtils.deleteRecursively(folder(batch).path());
      }
    }
  }

  private void save(Batch batch) throws IOException {
    Disk.replace(folder(batch).state(), Json.MAPPER.writeValueAsBytes(batch));
    batches.put(batch.id(), batch);
  }

  private static void logTransition(Batch before, Batch after) {
    if (before.status() != after.status()) {
      RequestCounts counts = after.progress().counts();
      log.info(
          "batch={} {} -> {} total={} completed={} failed={}",
          after.id(),
          before.status().wireName(),
          after.status().wireName(),
          counts.total(),
          counts.completed(),
          counts.failed());
    }
  }

  private void load() throws IOException {
    try (var folders = Files.newDirectoryStream(root)) {
      for (Path path : folders) {
        var folder = new BatchFolder(path);
        if (Files.exists(folder.state())) {
          load(folder, Json.MAPPER.readValue(folder.state().toFile(), Batch.class));
        } else {
          FileSystemUtils.deleteRecursively(path);
        }
      }
    }
  }

  private void load(BatchFolder folder, Batch batch) throws IOException {
    if (batch.status().terminal()) {
      folder.clear();
    }
    batches.put(batch.id(), batch);
    sequence.accumulateAndGet(batch.order().sequence(), Math::max);
  }
}

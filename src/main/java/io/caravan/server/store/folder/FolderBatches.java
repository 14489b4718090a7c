package io.caravan.server.store.folder;

import io.caravan.server.store.BatchFolder;
import io.caravan.server.store.BatchForm;
import io.caravan.server.store.Batches;
import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.Lease;
import io.caravan.server.store.Listing;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.Transitions;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** Store batches as folders {@code batches/<id>}; each exists once its {@code batch.json} does. */
public final class FolderBatches implements Batches {
  private final Path root;
  private final FolderFiles files;
  private final Clock clock;
  private final Map<String, StoredBatch> batches = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();

  public FolderBatches(Path directory, FolderFiles files, Clock clock) throws IOException {
    this.root = directory.toAbsolutePath().normalize().resolve("batches");
    this.files = files;
    this.clock = clock;
    Files.createDirectories(root);
    load();
  }

  /** Links the input file into the batch's folder. */
  @Override
  public Lease create(String owner, BatchForm form) throws IOException {
    StoredBatch batch =
        StoredBatch.create(sequence.incrementAndGet(), owner, form, clock.instant());
    BatchFolder folder = folder(batch.id());
    Files.createDirectory(folder.path());
    Optional<StoredFile> input = Batches.input(files, owner, form);
    if (input.isPresent()) {
      DurableFiles.link(files.path(input.get()), folder.input());
    }
    save(batch);
    Transitions.created(batch);
    return new FolderLease(this, batch.id());
  }

  @Override
  public Optional<StoredBatch> find(String id) {
    return Optional.ofNullable(batches.get(id));
  }

  @Override
  public Page<StoredBatch> list(Listing listing) {
    List<StoredBatch> own =
        newestFirst()
            .filter(batch -> batch.order().owner().equals(listing.owner()))
            .filter(batch ->
                listing.group() == null || listing.group().equals(batch.order().form().provider()))
            .toList();
    return Page.of(own, StoredBatch::id, listing);
  }

  /** Claims all unfinished batches once at startup, oldest first: no other server shares them. */
  @Override
  public List<Lease> claim(int room) {
    return claimed.getAndSet(true)
        ? List.of()
        : newestFirst()
            .filter(batch -> !batch.status().terminal())
            .<Lease>map(batch -> new FolderLease(this, batch.id()))
            .toList()
            .reversed();
  }

  @Override
  public Renewal renew(Collection<Lease> leases) {
    return Renewal.NO_NEWS;
  }

  /** Renewals do nothing here, so they are rare. */
  @Override
  public Duration rhythm() {
    return Duration.ofHours(1);
  }

  private Stream<StoredBatch> newestFirst() {
    return batches.values().stream()
        .sorted(
            Comparator.comparingLong((StoredBatch batch) -> batch.order().sequence()).reversed());
  }

  public StoredBatch update(String id, UnaryOperator<StoredBatch> change) {
    lock.lock();
    try {
      StoredBatch before = find(id).orElseThrow();
      StoredBatch after = change.apply(before);
      if (!after.equals(before)) {
        save(after);
        Transitions.log(before, after);
      }
      return after;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public StoredBatch cancel(String id) {
    return update(id, batch -> batch.cancel(clock.instant()));
  }

  public BatchFolder folder(String id) {
    return new BatchFolder(root.resolve(id));
  }

  @Override
  public void forgetEndedBefore(Instant time) throws IOException {
    for (StoredBatch batch : List.copyOf(batches.values())) {
      if (batch.endedBefore(time)) {
        batches.remove(batch.id());
        FileSystemUtils.deleteRecursively(folder(batch.id()).path());
      }
    }
  }

  private void save(StoredBatch batch) throws IOException {
    DurableFiles.replace(folder(batch.id()).state(), Json.MAPPER.writeValueAsBytes(batch));
    batches.put(batch.id(), batch);
  }

  private void load() throws IOException {
    try (var folders = Files.newDirectoryStream(root)) {
      for (Path path : folders) {
        var folder = new BatchFolder(path);
        if (Files.exists(folder.state())) {
          load(folder, Json.MAPPER.readValue(folder.state().toFile(), StoredBatch.class));
        } else {
          FileSystemUtils.deleteRecursively(path);
        }
      }
    }
  }

  private void load(BatchFolder folder, StoredBatch batch) throws IOException {
    if (batch.status().terminal()) {
      folder.clear();
    }
    batches.put(batch.id(), batch);
    sequence.accumulateAndGet(batch.order().sequence(), Math::max);
  }
}

package io.caravan.server.store;

import io.caravan.server.store.Documents.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/** The store of files; a file exists completely or not at all. */
public final class StoredFiles {
  private static final int FORGOTTEN_AT_ONCE = 100;

  private final ServerDatabase database;
  private final Contents contents;
  private final Documents<StoredFile> documents;
  private final Clock clock;

  StoredFiles(ServerDatabase database, Contents contents, Clock clock) {
    this.database = database;
    this.contents = contents;
    this.documents = database.documents("file", StoredFile.class, StoredFile::id);
    this.clock = clock;
  }

  /** Adds a file with the bytes from {@code content}, replacing a file with the same id. */
  public StoredFile add(
      String id,
      String owner,
      String filename,
      String purpose,
      @Nullable Duration lifetime,
      Content content)
      throws IOException {
    long bytes = contents.put(id, content);
    return database.inTransaction(() -> register(id, owner, filename, purpose, lifetime, bytes));
  }

  /** Writes the rows of stored bytes, in the caller's transaction. */
  StoredFile register(
      String id,
      String owner,
      String filename,
      String purpose,
      @Nullable Duration lifetime,
      long bytes) {
    Instant now = clock.instant();
    Instant end = lifetime == null ? null : now.plus(lifetime);
    var file =
        new StoredFile(id, documents.nextSequence(), owner, filename, purpose, bytes, now, end);
    put(file);
    return file;
  }

  void put(StoredFile file) {
    contents.register(file.id(), null, file.bytes());
    documents.put(file, file.owner(), file.purpose(), file.sequence(), file.expiresAt());
  }

  /** Returns empty also for an expired file. */
  public Optional<StoredFile> find(String id) {
    Optional<StoredFile> found = documents.find(id).map(Stored::document);
    if (found.isPresent() && found.get().expired(clock.instant())) {
      delete(id);
      return Optional.empty();
    }
    return found;
  }

  /** Deletes a file; returns whether it existed. Batches that use it keep its bytes. */
  public boolean delete(String id) {
    record Outcome(boolean deleted, boolean unneeded) {}
    Outcome outcome =
        database.inTransaction(() -> {
          contents.lock(id);
          return new Outcome(documents.delete(id), contents.forgetUnneeded(id));
        });
    if (outcome.unneeded()) {
      contents.drop(id);
    }
    return outcome.deleted();
  }

  /** Deletes expired files. Safe to run on several replicas at the same time. */
  public void forgetExpired() {
    List<StoredFile> expired;
    do {
      expired = documents.expired(clock.instant(), FORGOTTEN_AT_ONCE);
      expired.forEach(old -> delete(old.id()));
    } while (!expired.isEmpty());
  }

  /** Lists the files that have not expired. */
  public Page<StoredFile> list(Listing listing) {
    return documents.list(listing, clock.instant());
  }

  /** The bytes of a file; supports ranges. */
  public Resource content(StoredFile file) {
    return contents.resource(file.id(), file.bytes());
  }

  /** A source of bytes for the store. */
  public interface Content {
    void putAt(Path target) throws IOException;
  }
}

package io.caravan.server.store.postgres;

import io.caravan.server.store.Listing;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/** Store files in the database, shared by all replicas. */
public final class PostgresFiles implements StoredFiles {
  private static final int DROPPED_AT_ONCE = 100;

  private final PostgresAccess postgres;
  private final Chunks chunks;
  private final PostgresDocuments<StoredFile> documents;
  private final Path incoming;
  private final Clock clock;

  public PostgresFiles(PostgresAccess postgres, Path incoming, Clock clock) {
    this.postgres = postgres;
    this.chunks = postgres.chunks();
    this.documents = postgres.documents("file", StoredFile.class, StoredFile::id);
    this.incoming = incoming;
    this.clock = clock;
  }

  @Override
  public StoredFile add(
      String id,
      String owner,
      String filename,
      String purpose,
      @Nullable Duration lifetime,
      Content content)
      throws IOException {
    Path arrived = incoming.resolve(id);
    try {
      content.putAt(arrived);
      Instant now = clock.instant();
      var file =
          new StoredFile(
              id,
              documents.nextSequence(),
              owner,
              filename,
              purpose,
              Files.size(arrived),
              now,
              lifetime == null ? null : now.plus(lifetime));
      postgres.write(() -> {
        chunks.delete(id);
        chunks.put(id, null, arrived);
        put(file);
      });
      return file;
    } finally {
      Files.deleteIfExists(arrived);
    }
  }

  void put(StoredFile file) {
    documents.put(file, file.owner(), file.purpose(), file.sequence(), file.expiresAt());
  }

  long nextSequence() {
    return documents.nextSequence();
  }

  @Override
  public Optional<StoredFile> find(String id) {
    Optional<StoredFile> found = documents.find(id).map(PostgresDocuments.Stored::document);
    if (found.isPresent() && found.get().expired(clock.instant())) {
      delete(id);
      return Optional.empty();
    }
    return found;
  }

  @Override
  public boolean delete(String id) {
    return postgres.inTransaction(() -> {
      chunks.lock(id);
      boolean deleted = documents.delete(id);
      chunks.deleteUnneeded(id);
      return deleted;
    });
  }

  /** Safe to run on several replicas at the same time. */
  @Override
  public void forgetExpired() {
    List<StoredFile> expired;
    do {
      expired = documents.expired(clock.instant(), DROPPED_AT_ONCE);
      expired.forEach(old -> delete(old.id()));
    } while (!expired.isEmpty());
  }

  @Override
  public Page<StoredFile> list(Listing listing) {
    return documents.list(listing, clock.instant());
  }

  @Override
  public Resource content(StoredFile file) {
    return chunks.resource(file.id(), file.bytes());
  }
}

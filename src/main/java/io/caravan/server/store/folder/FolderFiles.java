package io.caravan.server.store.folder;

import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.Listing;
import io.caravan.server.store.Page;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.Json;
import java.io.File;
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
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;

/** Store files as {@code files/<id>} and {@code files/<id>.json}; the latter is written last. */
public final class FolderFiles implements StoredFiles {
  private static final String METADATA = ".json";

  private final Path folder;
  private final Clock clock;
  private final Map<String, StoredFile> files = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();

  public FolderFiles(Path directory, Clock clock) throws IOException {
    this.folder = directory.toAbsolutePath().normalize().resolve("files");
    this.clock = clock;
    Files.createDirectories(folder);
    load();
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
    Path target = folder.resolve(id);
    try {
      content.putAt(target);
      DurableFiles.sync(target);
      Instant now = clock.instant();
      var file =
          new StoredFile(
              id,
              sequence.incrementAndGet(),
              owner,
              filename,
              purpose,
              Files.size(target),
              now,
              lifetime == null ? null : now.plus(lifetime));
      DurableFiles.replace(metadata(id), Json.MAPPER.writeValueAsBytes(file));
      files.put(id, file);
      return file;
    } catch (IOException e) {
      Files.deleteIfExists(target);
      throw e;
    }
  }

  @Override
  public Optional<StoredFile> find(String id) {
    Optional<StoredFile> found = Optional.ofNullable(files.get(id));
    if (found.isPresent() && found.get().expired(clock.instant())) {
      delete(id);
      return Optional.empty();
    }
    return found;
  }

  @Override
  public boolean delete(String id) {
    if (files.remove(id) == null) {
      return false;
    }
    try {
      Files.deleteIfExists(metadata(id));
      Files.deleteIfExists(folder.resolve(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  @Override
  public void forgetExpired() {
    files.keySet().forEach(this::find);
  }

  @Override
  public Page<StoredFile> list(Listing listing) {
    List<StoredFile> oldestFirst =
        files.values().stream()
            .filter(file -> file.owner().equals(listing.owner()))
            .filter(file -> listing.group() == null || listing.group().equals(file.purpose()))
            .sorted(Comparator.comparingLong(StoredFile::sequence))
            .filter(file -> find(file.id()).isPresent())
            .toList();
    return Page.of(
        listing.newestFirst() ? oldestFirst.reversed() : oldestFirst, StoredFile::id, listing);
  }

  @Override
  public Resource content(StoredFile file) {
    return new FileSystemResource(path(file));
  }

  Path path(StoredFile file) {
    return folder.resolve(file.id());
  }

  private Path metadata(String id) {
    return folder.resolve(id + METADATA);
  }

  private void load() throws IOException {
    try (var paths = Files.newDirectoryStream(folder, "*" + METADATA)) {
      for (Path path : paths) {
        var file = Json.MAPPER.readValue(path.toFile(), StoredFile.class);
        files.put(file.id(), file);
        sequence.accumulateAndGet(file.sequence(), Math::max);
      }
    }
    deleteLeftovers();
    forgetExpired();
  }

  /** Deletes files without metadata, left by a crash, and forgets metadata without a file. */
  private void deleteLeftovers() throws IOException {
    for (File file : Optional.ofNullable(folder.toFile().listFiles()).orElse(new File[0])) {
      String name = file.getName();
      if (!files.containsKey(name) && !name.endsWith(METADATA)) {
        Files.deleteIfExists(file.toPath());
      }
    }
    files.keySet().removeIf(id -> Files.notExists(folder.resolve(id)));
  }
}

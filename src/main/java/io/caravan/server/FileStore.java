package io.caravan.server;

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

/** Files as {@code files/<id>} with {@code files/<id>.json}; a file exists once the latter does. */
final class FileStore {
  private static final String METADATA = ".json";

  private final Path folder;
  private final Clock clock;
  private final Map<String, StoredFile> files = new ConcurrentHashMap<>();
  private final AtomicLong sequence = new AtomicLong();

  FileStore(Path directory, Clock clock) throws IOException {
    this.folder = directory.toAbsolutePath().normalize().resolve("files");
    this.clock = clock;
    Files.createDirectories(folder);
    load();
  }

  /** Takes over the bytes that {@code content} puts in place, under an identifier of our own. */
  StoredFile add(
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
      Disk.sync(target);
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
      Disk.replace(metadata(id), Json.MAPPER.writeValueAsBytes(file));
      files.put(id, file);
      return file;
    } catch (IOException e) {
      Files.deleteIfExists(target);
      throw e;
    }
  }

  Optional<StoredFile> find(String id) {
    Optional<StoredFile> found = Optional.ofNullable(files.get(id));
    if (found.isPresent() && found.get().expired(clock.instant())) {
      delete(id);
      return Optional.empty();
    }
    return found;
  }

  boolean delete(String id) {
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

  void forgetExpired() {
    files.keySet().forEach(this::find);
  }

  /** All that has not expired, oldest first. */
  List<StoredFile> all() {
    return files.values().stream()
        .sorted(Comparator.comparingLong(StoredFile::sequence))
        .filter(file -> find(file.id()).isPresent())
        .toList();
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

  /** What a crash left between the bytes and the metadata. */
  private void deleteLeftovers() throws IOException {
    for (File file : Optional.ofNullable(folder.toFile().listFiles()).orElse(new File[0])) {
      String name = file.getName();
      if (!files.containsKey(name) && !name.endsWith(METADATA)) {
        Files.deleteIfExists(file.toPath());
      }
    }
    files.keySet().removeIf(id -> Files.notExists(folder.resolve(id)));
  }

  /** Bytes on their way into the store. */
  interface Content {
    void putAt(Path target) throws IOException;
  }
}

package io.caravan.server.store.folder;

import io.caravan.server.store.DurableFiles;
import io.caravan.server.store.Md5;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Upload;
import io.caravan.server.store.Upload.Status;
import io.caravan.server.store.UploadForm;
import io.caravan.server.store.UploadPart;
import io.caravan.server.store.Uploads;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** Store uploads as folders {@code uploads/<id>} with a file for each part until they end. */
public final class FolderUploads implements Uploads {
  private static final String STATE = "upload.json";

  private final Path root;
  private final FolderFiles files;
  private final Clock clock;
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
  private final Set<String> ends = ConcurrentHashMap.newKeySet();

  public FolderUploads(Path directory, FolderFiles files, Clock clock) throws IOException {
    this.root = directory.toAbsolutePath().normalize().resolve("uploads");
    this.files = files;
    this.clock = clock;
    Files.createDirectories(root);
    load();
  }

  @Override
  public Upload create(String owner, UploadForm form, @Nullable Duration lifetime)
      throws IOException {
    forgetExpired();
    Upload upload = Upload.pending(owner, form, lifetime, clock.instant());
    Files.createDirectory(root.resolve(upload.id()));
    save(upload);
    return upload;
  }

  @Override
  public Optional<Upload> find(String id) throws IOException {
    Upload stored = uploads.get(id);
    if (stored == null) {
      return Optional.empty();
    }
    Upload now = stored.at(clock.instant());
    return Optional.of(now.equals(stored) ? stored : end(now));
  }

  @Override
  public UploadPart addPart(Upload upload, StoredFiles.Content content) throws IOException {
    String id = IdKind.PART.next();
    Path part = root.resolve(upload.id()).resolve(id);
    Path unfinished = part.resolveSibling(id + ".tmp");
    content.putAt(unfinished);
    DurableFiles.sync(unfinished);
    Files.move(unfinished, part);
    return new UploadPart(id, upload.id(), clock.instant());
  }

  @Override
  public long received(Upload upload) throws IOException {
    try (Stream<Path> parts = Files.list(root.resolve(upload.id()))) {
      long bytes = 0;
      for (Path part : (Iterable<Path>) parts::iterator) {
        bytes += part.endsWith(STATE) ? 0 : Files.size(part);
      }
      return bytes;
    }
  }

  @Override
  public Optional<Long> size(Upload upload, String part) throws IOException {
    Path path = root.resolve(upload.id()).resolve(part);
    return IdKind.PART.matches(part) && Files.exists(path)
        ? Optional.of(Files.size(path))
        : Optional.empty();
  }

  @Override
  public Upload complete(Upload upload, List<String> parts, @Nullable String md5)
      throws IOException {
    return end(
        upload,
        () -> {
          StoredFile file =
              files.add(
                  IdKind.FILE.derivedFrom(upload.id()),
                  upload.owner(),
                  upload.filename(),
                  upload.purpose(),
                  upload.lifetime(),
                  target -> join(upload, parts, target, md5));
          return upload.become(Status.COMPLETED, file.id());
        });
  }

  @Override
  public Upload cancel(Upload upload) throws IOException {
    return end(upload, () -> upload.become(Status.CANCELLED, null));
  }

  /** Ends an upload; of several concurrent calls, one wins. */
  private Upload end(Upload upload, Ending ending) throws IOException {
    if (!ends.add(upload.id())) {
      throw Uploads.ended();
    }
    try {
      if (!upload.equals(uploads.get(upload.id()))) {
        throw Uploads.ended();
      }
      return end(ending.end());
    } finally {
      ends.remove(upload.id());
    }
  }

  private void join(Upload upload, List<String> parts, Path target, @Nullable String md5)
      throws IOException {
    MessageDigest digest = Md5.digest();
    try (var out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
      for (String part : parts) {
        Files.copy(root.resolve(upload.id()).resolve(part), out);
      }
    }
    try {
      Uploads.checkMd5(HexFormat.of().formatHex(digest.digest()), md5);
    } catch (ApiException e) {
      Files.delete(target);
      throw e;
    }
  }

  private Upload end(Upload upload) throws IOException {
    save(upload);
    try (Stream<Path> parts = Files.list(root.resolve(upload.id()))) {
      for (Path part : (Iterable<Path>) parts::iterator) {
        if (!part.endsWith(STATE)) {
          Files.deleteIfExists(part);
        }
      }
    }
    return upload;
  }

  private void save(Upload upload) throws IOException {
    Path state = root.resolve(upload.id()).resolve(STATE);
    DurableFiles.replace(state, Json.MAPPER.writeValueAsBytes(upload));
    uploads.put(upload.id(), upload);
  }

  @Override
  public void forgetExpired() throws IOException {
    for (Upload upload : List.copyOf(uploads.values())) {
      if (find(upload.id()).orElse(upload).status() != Status.PENDING
          && !clock.instant().isBefore(upload.forgottenAt())) {
        uploads.remove(upload.id());
        FileSystemUtils.deleteRecursively(root.resolve(upload.id()));
      }
    }
  }

  private void load() throws IOException {
    try (var folders = Files.newDirectoryStream(root)) {
      for (Path folder : folders) {
        Path state = folder.resolve(STATE);
        if (Files.exists(state)) {
          Upload upload = Json.MAPPER.readValue(state.toFile(), Upload.class);
          uploads.put(upload.id(), upload);
        } else {
          FileSystemUtils.deleteRecursively(folder);
        }
      }
    }
    forgetExpired();
  }

  private interface Ending {
    Upload end() throws IOException;
  }
}

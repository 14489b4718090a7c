package io.caravan.server.store;

import io.caravan.server.store.Documents.Stored;
import io.caravan.server.store.Upload.Status;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.IdKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The store of uploads in parts; parts may be sent to any replica. */
public final class Uploads {
  private static final int FORGOTTEN_AT_ONCE = 100;

  private final ServerDatabase database;
  private final JdbcClient jdbc;
  private final Contents contents;
  private final Documents<Upload> documents;
  private final StoredFiles files;
  private final Clock clock;

  Uploads(ServerDatabase database, Contents contents, StoredFiles files, Clock clock) {
    this.database = database;
    this.jdbc = database.jdbc();
    this.contents = contents;
    this.documents = database.documents("upload", Upload.class, Upload::id);
    this.files = files;
    this.clock = clock;
  }

  public Upload create(String owner, UploadForm form, @Nullable Duration lifetime) {
    forgetExpired();
    Upload upload = Upload.pending(owner, form, lifetime, clock.instant());
    put(upload);
    return upload;
  }

  void put(Upload upload) {
    documents.put(
        upload,
        upload.owner(),
        null,
        0,
        upload.status() == Status.PENDING ? upload.expiresAt() : upload.forgottenAt());
  }

  /** Finds an upload; if it has expired, sets its status and deletes its parts. */
  public Optional<Upload> find(String id) {
    Optional<Upload> stored = documents.find(id).map(Stored::document);
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    Upload then = stored.get();
    Upload now = then.at(clock.instant());
    return Optional.of(now.equals(then) ? then : end(then, () -> now));
  }

  /** Stores a part; parts may be uploaded concurrently. */
  public UploadPart addPart(Upload upload, StoredFiles.Content content) throws IOException {
    String id = IdKind.PART.next();
    long bytes = contents.put(id, content);
    try {
      database.inTransaction(() -> {
        lock(upload);
        contents.register(id, upload.id(), bytes);
        return true;
      });
    } catch (ApiException e) {
      contents.drop(id);
      throw e;
    }
    return new UploadPart(id, upload.id(), clock.instant());
  }

  /** Total bytes of the stored parts. */
  public long received(Upload upload) {
    return jdbc.sql("SELECT COALESCE(SUM(bytes), 0) FROM server_content WHERE upload_id = ?")
        .param(upload.id())
        .query(Long.class)
        .single();
  }

  /** The size of one part; empty if it does not exist. */
  public Optional<Long> size(Upload upload, String part) {
    return jdbc.sql("SELECT bytes FROM server_content WHERE id = ? AND upload_id = ?")
        .params(part, upload.id())
        .query(Long.class)
        .optional();
  }

  /**
   * Joins the parts into one file; of several concurrent complete or cancel calls, one wins.
   *
   * @param md5 hex checksum of the file to verify; null for no check
   */
  public Upload complete(Upload upload, List<String> parts, @Nullable String md5)
      throws IOException {
    String file = IdKind.FILE.next();
    try {
      long bytes = contents.put(file, target -> join(parts, target, md5));
      return end(
          upload,
          () -> {
            files.register(
                file,
                upload.owner(),
                upload.filename(),
                upload.purpose(),
                upload.lifetime(),
                bytes);
            return upload.become(Status.COMPLETED, file);
          });
    } catch (ApiException | IOException e) {
      contents.drop(file);
      requireUnchanged(upload, documents.find(upload.id())); // if not, its parts may be gone
      throw e;
    }
  }

  private void join(List<String> parts, Path target, @Nullable String md5) throws IOException {
    MessageDigest digest = Md5.digest();
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(target), digest)) {
      for (String part : parts) {
        try (InputStream in = contents.open(part)) {
          in.transferTo(out);
        }
      }
    }
    checkMd5(HexFormat.of().formatHex(digest.digest()), md5);
  }

  public Upload cancel(Upload upload) {
    return end(upload, () -> upload.become(Status.CANCELLED, null));
  }

  /** Deletes the parts of expired uploads, and later their rows. */
  public void forgetExpired() {
    List<Upload> expired;
    do {
      expired = documents.expired(clock.instant(), FORGOTTEN_AT_ONCE);
      expired.forEach(this::expire);
    } while (!expired.isEmpty());
  }

  private void expire(Upload upload) {
    drop(
        database.inTransaction(() ->
            documents
                .lock(upload.id())
                .map(Stored::document)
                .map(this::endOrForget)
                .orElse(List.of())));
  }

  /** Returns the parts to drop. */
  private List<String> endOrForget(Upload then) {
    Upload now = then.at(clock.instant());
    if (!now.equals(then)) {
      put(now);
    } else if (!clock.instant().isBefore(then.forgottenAt())) {
      documents.delete(then.id());
    }
    return forgetParts(now);
  }

  /** Ends an upload, if no other request has ended it, and deletes its parts. */
  private Upload end(Upload before, Supplier<Upload> ending) {
    record Ended(Upload upload, List<String> parts) {}
    Ended ended =
        database.inTransaction(() -> {
          lock(before);
          Upload after = ending.get();
          put(after);
          return new Ended(after, forgetParts(after));
        });
    drop(ended.parts());
    return ended.upload();
  }

  /** Locks an upload; fails if another request has ended or changed it in the meantime. */
  private void lock(Upload upload) {
    requireUnchanged(upload, documents.lock(upload.id()));
  }

  private static void requireUnchanged(Upload upload, Optional<Stored<Upload>> stored) {
    if (!stored.map(Stored::document).equals(Optional.of(upload))) {
      throw ended();
    }
  }

  private List<String> forgetParts(Upload upload) {
    return jdbc.sql("DELETE FROM server_content WHERE upload_id = ? RETURNING id")
        .param(upload.id())
        .query(String.class)
        .list();
  }

  private void drop(List<String> parts) {
    parts.forEach(contents::drop);
  }

  /** The error for a call that came second. */
  private static ApiException ended() {
    return new ApiException(
        409,
        ApiError.invalidRequest(
            "Another request is completing or cancelling the upload, or it has ended.",
            null,
            null));
  }

  private static void checkMd5(String actual, @Nullable String expected) {
    if (expected != null && !expected.equalsIgnoreCase(actual)) {
      throw ApiException.invalid(
          "The md5 of the parts is %s, not %s.".formatted(actual, expected),
          "md5",
          "invalid_value");
    }
  }
}

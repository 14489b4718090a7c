package io.caravan.server.store.postgres;

import io.caravan.server.store.Md5;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.store.Upload;
import io.caravan.server.store.Upload.Status;
import io.caravan.server.store.UploadForm;
import io.caravan.server.store.UploadPart;
import io.caravan.server.store.Uploads;
import io.caravan.server.store.postgres.PostgresDocuments.Stored;
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
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Store uploads in the database; parts may be sent to any replica. */
public final class PostgresUploads implements Uploads {
  private static final int FORGOTTEN_AT_ONCE = 100;

  private final PostgresAccess postgres;
  private final Chunks chunks;
  private final PostgresDocuments<Upload> documents;
  private final PostgresFiles files;
  private final Path incoming;
  private final Clock clock;

  public PostgresUploads(PostgresAccess postgres, PostgresFiles files, Path incoming, Clock clock) {
    this.postgres = postgres;
    this.chunks = postgres.chunks();
    this.documents = postgres.documents("upload", Upload.class, Upload::id);
    this.files = files;
    this.incoming = incoming;
    this.clock = clock;
  }

  @Override
  public Upload create(String owner, UploadForm form, @Nullable Duration lifetime) {
    Upload upload = Upload.pending(owner, form, lifetime, clock.instant());
    documents.put(upload, owner, null, 0, upload.expiresAt());
    return upload;
  }

  @Override
  public Optional<Upload> find(String id) {
    Optional<Stored<Upload>> stored = documents.find(id);
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    Upload then = stored.get().document();
    Upload now = then.at(clock.instant());
    return Optional.of(now.equals(then) ? then : end(then, now));
  }

  @Override
  public UploadPart addPart(Upload upload, StoredFiles.Content content) throws IOException {
    String id = IdKind.PART.next();
    Path arrived = incoming.resolve(id);
    try {
      content.putAt(arrived);
      postgres.write(() -> {
        chunks.put(id, upload.id(), arrived);
        lock(upload);
      });
    } finally {
      Files.deleteIfExists(arrived);
    }
    return new UploadPart(id, upload.id(), clock.instant());
  }

  @Override
  public long received(Upload upload) {
    return postgres
        .jdbc()
        .sql("SELECT COALESCE(SUM(bytes), 0) FROM server_content WHERE upload_id = ?")
        .param(upload.id())
        .query(Long.class)
        .single();
  }

  @Override
  public Optional<Long> size(Upload upload, String part) {
    return postgres
        .jdbc()
        .sql("SELECT bytes FROM server_content WHERE id = ? AND upload_id = ?")
        .params(part, upload.id())
        .query(Long.class)
        .optional();
  }

  /** Moves the rows of the parts to the file. */
  @Override
  public Upload complete(Upload upload, List<String> parts, @Nullable String md5)
      throws IOException {
    if (md5 != null) {
      Uploads.checkMd5(md5(parts), md5);
    }
    return postgres.inTransaction(() -> {
      lock(upload);
      StoredFile file = file(upload);
      chunks.begin(file.id(), null, file.bytes());
      long position = 0;
      for (String part : parts) {
        position = chunks.move(part, file.id(), position);
      }
      files.put(file);
      return end(upload.become(Status.COMPLETED, file.id()));
    });
  }

  private StoredFile file(Upload upload) {
    Instant now = clock.instant();
    Duration lifetime = upload.lifetime();
    return new StoredFile(
        IdKind.FILE.derivedFrom(upload.id()),
        files.nextSequence(),
        upload.owner(),
        upload.filename(),
        upload.purpose(),
        upload.bytes(),
        now,
        lifetime == null ? null : now.plus(lifetime));
  }

  private String md5(List<String> parts) throws IOException {
    MessageDigest digest = Md5.digest();
    var out = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    for (String part : parts) {
      try (InputStream in = chunks.open(part)) {
        in.transferTo(out);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  @Override
  public Upload cancel(Upload upload) {
    return end(upload, upload.become(Status.CANCELLED, null));
  }

  @Override
  public void forgetExpired() {
    List<Upload> expired;
    do {
      expired = documents.expired(clock.instant(), FORGOTTEN_AT_ONCE);
      expired.forEach(this::expire);
    } while (!expired.isEmpty());
  }

  private void expire(Upload upload) {
    postgres.inTransaction(() -> {
      documents.lock(upload.id()).map(Stored::document).ifPresent(this::endOrForget);
      return true;
    });
  }

  private void endOrForget(Upload then) {
    Upload now = then.at(clock.instant());
    if (!now.equals(then)) {
      end(now);
    } else if (!clock.instant().isBefore(then.forgottenAt())) {
      forget(then);
    }
  }

  private Upload end(Upload before, Upload after) {
    return postgres.inTransaction(() -> {
      lock(before);
      return end(after);
    });
  }

  private Upload end(Upload after) {
    documents.put(after, after.owner(), null, 0, after.forgottenAt());
    dropParts(after);
    return after;
  }

  /** Locks an upload; fails if another request has ended or changed it in the meantime. */
  private void lock(Upload upload) {
    Optional<Upload> locked = documents.lock(upload.id()).map(Stored::document);
    if (!locked.equals(Optional.of(upload))) {
      throw Uploads.ended();
    }
  }

  private void forget(Upload upload) {
    dropParts(upload);
    documents.delete(upload.id());
  }

  private void dropParts(Upload upload) {
    postgres
        .jdbc()
        .sql("DELETE FROM server_content WHERE upload_id = ?")
        .param(upload.id())
        .update();
  }
}

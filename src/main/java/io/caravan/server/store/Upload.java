package io.caravan.server.store;

import io.caravan.server.wire.IdKind;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The stored state of an upload in parts.
 *
 * @param bytes total size of all parts
 * @param lifetime how long the file is kept after completion; null until it is deleted
 * @param fileId the file created from the parts; null until completed
 */
public record Upload(
    String id,
    String owner,
    String filename,
    String purpose,
    long bytes,
    @Nullable Duration lifetime,
    Instant createdAt,
    Status status,
    @Nullable String fileId) {
  public Upload {
    owner = Owner.orNone(owner);
  }

  /** How long an upload may take, as with OpenAI. */
  public static final Duration WINDOW = Duration.ofHours(1);

  /** How long an upload stays visible after its window. */
  private static final Duration KEPT = Duration.ofDays(1);

  /** OpenAI's status names. */
  public enum Status {
    PENDING,
    COMPLETED,
    CANCELLED,
    EXPIRED
  }

  public static Upload pending(
      String owner, UploadForm form, @Nullable Duration lifetime, Instant now) {
    return new Upload(
        IdKind.UPLOAD.next(),
        owner,
        form.filename(),
        form.purpose(),
        form.bytes(),
        lifetime,
        now,
        Status.PENDING,
        null);
  }

  public Instant expiresAt() {
    return createdAt.plus(WINDOW);
  }

  public Instant forgottenAt() {
    return expiresAt().plus(KEPT);
  }

  public Upload at(Instant now) {
    boolean late = status == Status.PENDING && !now.isBefore(expiresAt());
    return late ? become(Status.EXPIRED, null) : this;
  }

  public Upload become(Status next, @Nullable String file) {
    return new Upload(id, owner, filename, purpose, bytes, lifetime, createdAt, next, file);
  }
}

package io.caravan.server.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The metadata of a file; the name comes from the user and is never used in a path. */
public record StoredFile(
    String id,
    long sequence,
    String owner,
    String filename,
    String purpose,
    long bytes,
    Instant createdAt,
    @Nullable Instant expiresAt) {

  public StoredFile {
    owner = Owner.orNone(owner);
  }

  public boolean expired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}

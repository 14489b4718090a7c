package io.caravan.server.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of a file beside its bytes; the name is the user's and never part of a path. */
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
    owner = Owner.orNobody(owner);
  }

  public boolean expired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}

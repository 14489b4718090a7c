package io.caravan.server;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is known of a file beside its bytes; the name is the user's and never part of a path. */
record StoredFile(
    String id,
    long sequence,
    String owner,
    String filename,
    String purpose,
    long bytes,
    Instant createdAt,
    @Nullable Instant expiresAt) {

  StoredFile {
    owner = Owner.orNobody(owner);
  }

  boolean expired(Instant now) {
    return expiresAt != null && !now.isBefore(expiresAt);
  }
}

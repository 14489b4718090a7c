package io.caravan.server.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.server.store.StoredFile;
import org.jspecify.annotations.Nullable;

/** OpenAI's File object. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record FileObject(
    String object,
    String id,
    String purpose,
    String filename,
    long bytes,
    long createdAt,
    @Nullable Long expiresAt,
    String status,
    @Nullable String statusDetails) {

  static FileObject of(StoredFile file) {
    return new FileObject(
        "file",
        file.id(),
        file.purpose(),
        file.filename(),
        file.bytes(),
        file.createdAt().getEpochSecond(),
        file.expiresAt() == null ? null : file.expiresAt().getEpochSecond(),
        "processed",
        null);
  }

  /** The answer to a deletion. */
  record Deleted(String id, String object, boolean deleted) {}
}

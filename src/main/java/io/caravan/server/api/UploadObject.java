package io.caravan.server.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.Upload;
import io.caravan.server.store.UploadPart;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** OpenAI's Upload object. */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
record UploadObject(
    String id,
    String object,
    long bytes,
    long createdAt,
    String filename,
    String purpose,
    String status,
    long expiresAt,
    @Nullable FileObject file) {

  static UploadObject of(Upload upload, Optional<StoredFile> file) {
    return new UploadObject(
        upload.id(),
        "upload",
        upload.bytes(),
        upload.createdAt().getEpochSecond(),
        upload.filename(),
        upload.purpose(),
        upload.status().name().toLowerCase(Locale.ROOT),
        upload.expiresAt().getEpochSecond(),
        file.map(FileObject::of).orElse(null));
  }

  /** OpenAI's UploadPart object. */
  @JsonNaming(SnakeCaseStrategy.class)
  record Part(String id, String object, long createdAt, String uploadId) {
    static Part of(UploadPart part) {
      return new Part(part.id(), "upload.part", part.createdAt().getEpochSecond(), part.uploadId());
    }
  }
}

package io.caravan.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.wire.ApiException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A validated request to create an upload in parts. */
public record UploadForm(
    String filename, String purpose, long bytes, @Nullable Duration expiresAfter) {
  /** OpenAI's size limit for a file uploaded in parts. */
  private static final long MAX_BYTES = 8L << 30;

  public static UploadForm parse(JsonNode json) {
    String filename = FileForm.filename(text(json, "filename"));
    String purpose = FileForm.purpose(text(json, "purpose"));
    text(json, "mime_type");
    long bytes = bytes(json.path("bytes"));
    FileForm.check(filename, purpose, bytes, "bytes");
    return new UploadForm(
        filename,
        purpose,
        bytes,
        Expiry.parse("expires_after", json.path("expires_after")).orElse(null));
  }

  private static long bytes(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) {
      throw ApiException.missing("bytes");
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() > MAX_BYTES) {
      throw ApiException.invalid(
          "Invalid 'bytes': expected an integer of at most %d.".formatted(MAX_BYTES),
          "bytes",
          "invalid_value");
    }
    return value.asLong();
  }

  private static String text(JsonNode json, String field) {
    String text = json.path(field).textValue();
    if (text == null || text.isEmpty()) {
      throw ApiException.missing(field);
    }
    return text;
  }
}

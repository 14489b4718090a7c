package io.caravan.server.store;

import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The store of uploads in parts. */
public interface Uploads {

  Upload create(String owner, UploadForm form, @Nullable Duration lifetime) throws IOException;

  /** Finds an upload; if it has expired, sets its status and deletes its parts. */
  Optional<Upload> find(String id) throws IOException;

  /** Deletes the parts of expired uploads, and later their metadata. */
  void forgetExpired() throws IOException;

  /** Store a part; parts may be uploaded concurrently. */
  UploadPart addPart(Upload upload, StoredFiles.Content content) throws IOException;

  /** Total bytes of the stored parts. */
  long received(Upload upload) throws IOException;

  /** The size of one part; empty if it does not exist. */
  Optional<Long> size(Upload upload, String part) throws IOException;

  /**
   * Joins the parts into one file; of several concurrent complete or cancel calls, one wins.
   *
   * @param md5 hex checksum of the file to verify; null for no check
   */
  Upload complete(Upload upload, List<String> parts, @Nullable String md5) throws IOException;

  Upload cancel(Upload upload) throws IOException;

  /** The error for a call that came second. */
  static ApiException ended() {
    return new ApiException(
        409,
        ApiError.invalidRequest(
            "Another request is completing or cancelling the upload, or it has ended.",
            null,
            null));
  }

  static void checkMd5(String actual, @Nullable String expected) {
    if (expected != null && !expected.equalsIgnoreCase(actual)) {
      throw ApiException.invalid(
          "The md5 of the parts is %s, not %s.".formatted(actual, expected),
          "md5",
          "invalid_value");
    }
  }
}

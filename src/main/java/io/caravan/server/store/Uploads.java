package io.caravan.server.store;

import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Files that come in parts. */
public interface Uploads {

  Upload create(String owner, UploadForm form, @Nullable Duration lifetime) throws IOException;

  /** As it is now; the parts of one whose time is over are gone. */
  Optional<Upload> find(String id) throws IOException;

  /** Drops the parts of those whose time is over, and after a while what is known of them. */
  void forgetExpired() throws IOException;

  /** Takes a part in, which may happen side by side. */
  UploadPart addPart(Upload upload, StoredFiles.Content content) throws IOException;

  /** Bytes of the parts that are here. */
  long received(Upload upload) throws IOException;

  /** The size of one part; absent when there is none of that name. */
  Optional<Long> size(Upload upload, String part) throws IOException;

  /**
   * Makes the parts one file; of two who end an upload at the same time one does.
   *
   * @param md5 of the whole, in hexadecimal digits; nothing is checked without
   */
  Upload complete(Upload upload, List<String> parts, @Nullable String md5) throws IOException;

  Upload cancel(Upload upload) throws IOException;

  /** What the second of two is told. */
  static ApiException ended() {
    return new ApiException(
        409, ApiError.invalidRequest("The upload is being ended already.", null, null));
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

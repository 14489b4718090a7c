package io.caravan.s3;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An object as it was found; an overwritten object is another one.
 *
 * @param eTag without the quotes, which not all stores write
 */
public record FoundObject(String bucket, String key, String eTag, Instant modified, long size) {
  /** The prefix of object URIs. */
  public static final String SCHEME = "s3://";

  /** Strips the quotes. */
  public FoundObject {
    eTag = eTag.replace("\"", "");
  }

  /** The URI as in AWS's tools; NUL is escaped, since databases cannot store it. */
  public String uri() {
    return (SCHEME + bucket + "/" + key).replace("\0", "%00");
  }

  /** Identifies this version of the object among all versions under its key. */
  public String version() {
    // in seconds, since some stores return milliseconds in some responses only
    return "%s %s %d %d".formatted(uri(), eTag, modified.getEpochSecond(), size);
  }

  /** Whether it has not been overwritten. */
  public boolean isStill(FoundObject now) {
    return version().equals(now.version());
  }

  @Nullable String condition() {
    return eTag.isEmpty() ? null : "\"" + eTag + "\"";
  }
}

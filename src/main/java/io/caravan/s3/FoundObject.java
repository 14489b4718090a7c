package io.caravan.s3;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An object as it was found; once it is overwritten, that is another one.
 *
 * @param eTag without quotes, which not all stores write
 */
public record FoundObject(String bucket, String key, String eTag, Instant modified, long size) {
  /** What the address of an object begins with. */
  public static final String SCHEME = "s3://";

  /** Strips the quotes. */
  public FoundObject {
    eTag = eTag.replace("\"", "");
  }

  /** Where it is, as AWS's tools write it; no database keeps the character NUL. */
  public String uri() {
    return (SCHEME + bucket + "/" + key).replace("\0", "%00");
  }

  /** Tells what was put at one time under a key from whatever else was or will be there. */
  public String version() {
    return "%s %s %d %d"
        .formatted(uri(), eTag, modified.getEpochSecond(), size); // some say milliseconds, at times
  }

  /** Whether it has not been overwritten. */
  public boolean isStill(FoundObject now) {
    return version().equals(now.version());
  }

  @Nullable String condition() {
    return eTag.isEmpty() ? null : "\"" + eTag + "\"";
  }
}

package io.caravan.workspace;

import io.caravan.job.CannotStartException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bucket and the prefix of our keys in it.
 *
 * @param prefix empty, or ends with a slash
 */
record S3Location(String bucket, String prefix) {
  /** Begins the names of further storages, which are no jobs. */
  static final String FURTHER = ".";

  private static final Pattern URL = Pattern.compile("s3://([A-Za-z0-9._-]+)((?:/[^/]+)*)/?");

  /**
   * Parses {@code s3://bucket/prefix}.
   *
   * @throws CannotStartException when the URL has another form
   */
  static S3Location of(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new CannotStartException(
          "The workspace \"%s\" is not an S3 URL.".formatted(url),
          "Set CARAVAN_WORKSPACE_URL to s3://BUCKET/PREFIX, or leave it empty for a folder in CARAVAN_DATA.");
    }
    String prefix = parts.group(2);
    return new S3Location(parts.group(1), prefix.isEmpty() ? "" : prefix.substring(1) + "/");
  }

  /** The location of a further storage below this one. */
  S3Location further(String name) {
    return new S3Location(bucket, prefix + FURTHER + name + "/");
  }

  @Override
  public String toString() {
    return "s3://" + bucket + "/" + prefix;
  }
}

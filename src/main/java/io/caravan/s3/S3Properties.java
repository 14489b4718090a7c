package io.caravan.s3;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The location of the object store. Keys and region come from AWS's default chains.
 *
 * @param endpoint the URL of another store than AWS, such as {@code https://ceph.example.com}
 * @param pathStyle whether the bucket is in the path instead of the host name; by default, only
 *     with an endpoint
 * @param checksums {@code when_supported}: uploads carry a checksum that the store verifies; {@code
 *     when_required}: only where S3 requires one, since older stores do not support trailing
 *     checksums
 */
@ConfigurationProperties("caravan.s3")
public record S3Properties(
    @Nullable URI endpoint, @Nullable Boolean pathStyle, Checksums checksums) {
  /** When a request carries a checksum, in AWS's words. */
  public enum Checksums {
    WHEN_SUPPORTED,
    WHEN_REQUIRED
  }

  public S3Properties {
    if (endpoint != null && endpoint.toString().isEmpty()) {
      endpoint = null;
    }
    if (endpoint != null && (endpoint.getHost() == null || !isHttp(endpoint))) {
      throw new IllegalArgumentException(
          "CARAVAN_S3_ENDPOINT must be an http(s) URL, such as https://ceph.example.com");
    }
  }

  boolean inPath() {
    return pathStyle == null ? endpoint != null : pathStyle;
  }

  private static boolean isHttp(URI endpoint) {
    return "http".equalsIgnoreCase(endpoint.getScheme())
        || "https".equalsIgnoreCase(endpoint.getScheme());
  }
}

package io.caravan.s3;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where the object store is. Keys and region come from AWS's own default chains.
 *
 * @param endpoint of another store than AWS, such as {@code https://ceph.example.com}
 * @param pathStyle whether the bucket stands in the path instead of the host's name; unless it is
 *     said: with an endpoint
 * @param checksums {@code when_supported}: uploads carry a checksum that the store verifies; {@code
 *     when_required}: only where S3 asks for one, since older stores know none in trailers
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
          "CARAVAN_S3_ENDPOINT is no http(s) address, such as https://ceph.example.com");
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

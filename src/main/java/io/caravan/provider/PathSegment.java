package io.caravan.provider;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Encodes ids of providers as one segment of a URL path. */
public final class PathSegment {
  private PathSegment() {}

  /** Percent-encodes all but letters, digits and {@code -_.~} (RFC 3986, unreserved). */
  public static String of(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }
}

package io.caravan.web;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.web.util.UrlPathHelper;

/** The path that a request is routed by: decoded, and without path parameters. */
final class CalledPath {
  private CalledPath() {}

  /** The path within the application; as it was sent if it cannot be decoded. */
  static String of(HttpServletRequest request) {
    try {
      return UrlPathHelper.defaultInstance.getPathWithinApplication(request);
    } catch (IllegalArgumentException e) {
      return request.getRequestURI();
    }
  }

  /** Whether the request is for a path or one below it. */
  static boolean isBelow(HttpServletRequest request, String path) {
    String called = of(request);
    return called.equals(path) || called.startsWith(path + "/");
  }
}

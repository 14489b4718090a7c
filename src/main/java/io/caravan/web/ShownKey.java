package io.caravan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;

/** The API key that a call shows, as bearer token or in Azure's header. */
public final class ShownKey {
  private static final String SCHEME = "Bearer ";

  private ShownKey() {}

  /** The key; empty if there is none. */
  public static String of(HttpServletRequest request) {
    String header = Objects.requireNonNullElse(request.getHeader("Authorization"), "");
    return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? header.substring(SCHEME.length()).strip()
        : Objects.requireNonNullElse(request.getHeader("api-key"), "").strip();
  }
}

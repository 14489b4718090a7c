package io.caravan.server.store;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The owner of a file, an upload or a batch: the name of the key that created it. */
public final class Owner {
  /** The owner of objects created without a key, or before keys existed. */
  public static final String NONE = "";

  private Owner() {}

  /** The client with the name of the owner; null if there is no owner. */
  public static @Nullable String client(String owner) {
    return owner.equals(NONE) ? null : owner;
  }

  public static String of(HttpServletRequest request) {
    return orNone(request.getRemoteUser());
  }

  /** Documents written before owners existed do not name one. */
  static String orNone(@Nullable String owner) {
    return Objects.requireNonNullElse(owner, NONE);
  }
}

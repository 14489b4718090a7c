package io.caravan.server.store;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The owner of a file, an upload or a batch: the name of the key that created it. */
public final class Owner {
  /** The owner of objects created without a key, or before keys existed. */
  public static final String NOBODY = "";

  private Owner() {}

  /** The client with the name of the owner; null if there is no owner. */
  public static @Nullable String client(String owner) {
    return owner.equals(NOBODY) ? null : owner;
  }

  public static String of(HttpServletRequest request) {
    return orNobody(request.getRemoteUser());
  }

  /** Documents written before owners existed do not name one. */
  static String orNobody(@Nullable String owner) {
    return Objects.requireNonNullElse(owner, NOBODY);
  }
}

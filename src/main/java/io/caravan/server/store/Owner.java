package io.caravan.server.store;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** To whom a file, an upload or a batch belongs: the name of the key that made it. */
public final class Owner {
  /** Who needs no key, and what was made before there were any. */
  public static final String NOBODY = "";

  private Owner() {}

  /** The client that owns it; null for nobody. */
  public static @Nullable String client(String owner) {
    return owner.equals(NOBODY) ? null : owner;
  }

  public static String of(HttpServletRequest request) {
    return orNobody(request.getRemoteUser());
  }

  /** Documents that were written before there were owners name none. */
  static String orNobody(@Nullable String owner) {
    return Objects.requireNonNullElse(owner, NOBODY);
  }
}

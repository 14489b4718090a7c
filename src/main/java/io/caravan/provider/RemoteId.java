package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Reads ids of providers and gateways. */
public final class RemoteId {
  private RemoteId() {}

  /** The id in a member; any text that is safe in a path, since gateways encode data in ids. */
  public static @Nullable String of(JsonNode node, String member) {
    return of(node.path(member));
  }

  /** The id in a value; null if it is empty, or {@code .} or {@code ..}, unsafe in a path. */
  public static @Nullable String of(JsonNode value) {
    String id = value.isTextual() || value.isIntegralNumber() ? value.asText() : "";
    return id.isBlank() || id.equals(".") || id.equals("..") ? null : id;
  }
}

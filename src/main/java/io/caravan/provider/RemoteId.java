package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Reads ids that providers and gateways give. */
public final class RemoteId {
  private RemoteId() {}

  /**
   * The id in a member; any text that is safe in a path, since gateways encode paths and objects.
   */
  public static @Nullable String of(JsonNode node, String member) {
    return of(node.path(member));
  }

  /** The id that a value holds; null for none, and for one that would leave its path. */
  public static @Nullable String of(JsonNode value) {
    String id = value.isTextual() || value.isIntegralNumber() ? value.asText() : "";
    return id.isBlank() || id.equals(".") || id.equals("..") ? null : id;
  }
}

package io.caravan.server.run;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often a batch gets its turn beside others, as {@code metadata.priority} says. */
enum Priority {
  LOW(1),
  NORMAL(4),
  HIGH(16);

  private final int weight;

  Priority(int weight) {
    this.weight = weight;
  }

  int weight() {
    return weight;
  }

  /** Metadata is the user's own: what it does not say, or says in other words, is normal. */
  static Priority of(@Nullable Map<String, String> metadata) {
    String name = metadata == null ? null : metadata.get("priority");
    return switch (name == null ? "" : name.toLowerCase(Locale.ROOT)) {
      case "high" -> HIGH;
      case "low" -> LOW;
      default -> NORMAL;
    };
  }
}

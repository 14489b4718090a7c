package io.caravan.server.run;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The scheduling weight of a batch, set by {@code metadata.priority}. */
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

  /** Missing and unknown values mean normal, since metadata belongs to the user. */
  static Priority of(@Nullable Map<String, String> metadata) {
    String name = metadata == null ? null : metadata.get("priority");
    return switch (name == null ? "" : name.toLowerCase(Locale.ROOT)) {
      case "high" -> HIGH;
      case "low" -> LOW;
      default -> NORMAL;
    };
  }
}

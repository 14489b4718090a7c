package io.caravan.server.run;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The scheduling weight of a batch, set by {@code metadata.priority}. */
enum Priority {
  LOW(1),
  NORMAL(4),
  HIGH(16);

  /** Numbers from here on, of 1 to 10, are normal. */
  private static final int LEAST_NORMAL = 4;

  /** Numbers from here on are high. */
  private static final int LEAST_HIGH = 8;

  private final int weight;

  Priority(int weight) {
    this.weight = weight;
  }

  int weight() {
    return weight;
  }

  /**
   * The priority of a batch: low, normal, high, or a number from 1 to 10. Missing and unknown
   * values mean normal, since metadata belongs to the user.
   *
   * @param most the highest number that its owner may use
   */
  static Priority of(@Nullable Map<String, String> metadata, int most) {
    String name = metadata == null ? null : metadata.get("priority");
    Priority wanted =
        switch (name == null ? "" : name.toLowerCase(Locale.ROOT).strip()) {
          case "high", "8", "9", "10" -> HIGH;
          case "low", "1", "2", "3" -> LOW;
          default -> NORMAL;
        };
    Priority ceiling = most >= LEAST_HIGH ? HIGH : most >= LEAST_NORMAL ? NORMAL : LOW;
    return wanted.compareTo(ceiling) < 0 ? wanted : ceiling;
  }
}

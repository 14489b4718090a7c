package io.caravan.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Parses {@code expires_after}: an anchor and a number of seconds after it. */
final class Expiry {
  private static final long MIN = 3_600;
  private static final long MAX = 2_592_000;

  private Expiry() {}

  /** Parses the JSON format. */
  static Optional<Duration> parse(String field, JsonNode json) {
    if (json.isMissingNode() || json.isNull()) {
      return Optional.empty();
    }
    if (!json.isObject()) {
      throw Json.wrongType(field, "an object", json);
    }
    JsonNode anchor = present(field, json, "anchor");
    JsonNode seconds = present(field, json, "seconds");
    if (!seconds.isIntegralNumber()) {
      throw Json.wrongType(field + ".seconds", "an integer", seconds);
    }
    return parse(field, anchor.asText(), seconds.asText());
  }

  private static JsonNode present(String field, JsonNode json, String member) {
    if (!json.hasNonNull(member)) {
      throw ApiException.missing(field + "." + member);
    }
    return json.path(member);
  }

  static Optional<Duration> parse(String field, @Nullable String anchor, @Nullable String seconds) {
    if (anchor == null && seconds == null) {
      return Optional.empty();
    }
    if (!"created_at".equals(anchor)) {
      throw ApiException.invalid(
          "Invalid value for '%s.anchor'. Supported values are: 'created_at'.".formatted(field),
          field + ".anchor",
          "invalid_value");
    }
    return Optional.of(Duration.ofSeconds(seconds(field, seconds)));
  }

  private static long seconds(String field, @Nullable String text) {
    if (text != null && text.matches("\\d{1,9}")) {
      long seconds = Long.parseLong(text);
      if (seconds >= MIN && seconds <= MAX) {
        return seconds;
      }
    }
    throw ApiException.invalid(
        "Invalid value for '%s.seconds'. Expected an integer from %d to %d."
            .formatted(field, MIN, MAX),
        field + ".seconds",
        "invalid_value");
  }
}

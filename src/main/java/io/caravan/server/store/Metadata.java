package io.caravan.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks a batch's metadata: at most 16 pairs, keys of 64 and values of 512 characters. */
public final class Metadata {
  private static final int MAX_PAIRS = 16;
  private static final int MAX_KEY = 64;
  private static final int MAX_VALUE = 512;

  private Metadata() {}

  static @Nullable Map<String, String> parse(@Nullable JsonNode json) {
    if (json == null || json.isNull()) {
      return null;
    }
    if (!json.isObject()) {
      throw Json.wrongType("metadata", "an object", json);
    }
    if (json.size() > MAX_PAIRS) {
      throw tooMuch(
          "metadata", "too many properties", MAX_PAIRS, json.size(), "object_above_max_properties");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    json.properties().forEach(pair -> metadata.put(key(pair.getKey()), value(pair)));
    return metadata;
  }

  private static String key(String key) {
    if (key.length() > MAX_KEY) {
      throw tooMuch("metadata", "key too long", MAX_KEY, key.length(), "string_above_max_length");
    }
    return key;
  }

  private static String value(Map.Entry<String, JsonNode> pair) {
    String param = "metadata." + pair.getKey();
    String value = pair.getValue().textValue();
    if (value == null) {
      throw Json.wrongType(param, "a string", pair.getValue());
    }
    if (value.length() > MAX_VALUE) {
      throw tooMuch(param, "string too long", MAX_VALUE, value.length(), "string_above_max_length");
    }
    return value;
  }

  private static ApiException tooMuch(String param, String what, int max, int got, String code) {
    return ApiException.invalid(
        "Invalid '%s': %s. Expected at most %d, but got %d instead."
            .formatted(param, what, max, got),
        param,
        code);
  }
}

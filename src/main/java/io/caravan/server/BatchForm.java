package io.caravan.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the creator of a batch asks for, checked. */
record BatchForm(
    Endpoint endpoint,
    String inputFileId,
    @Nullable Map<String, String> metadata,
    @Nullable Duration outputExpiresAfter) {
  static final String WINDOW = "24h";

  static BatchForm parse(JsonNode json) {
    String inputFileId = text(json, "input_file_id");
    String endpoint = text(json, "endpoint");
    String window = text(json, "completion_window");
    if (!window.equals(WINDOW)) {
      throw unsupported("completion_window", window, "'24h'");
    }
    return new BatchForm(
        Endpoint.of(endpoint)
            .orElseThrow(
                () -> unsupported("endpoint", endpoint, String.join(", ", Endpoint.paths()))),
        inputFileId,
        Metadata.parse(json.get("metadata")),
        Expiry.parse("output_expires_after", json.path("output_expires_after")).orElse(null));
  }

  private static String text(JsonNode json, String field) {
    JsonNode value = json.path(field);
    if (value.isMissingNode() || value.isNull()) {
      throw ApiException.missing(field);
    }
    if (!value.isTextual()) {
      throw Json.wrongType(field, "a string", value);
    }
    return value.textValue();
  }

  private static ApiException unsupported(String field, String value, String supported) {
    return ApiException.invalid(
        "Invalid value: '%s'. Supported values are: %s.".formatted(value, supported),
        field,
        "invalid_value");
  }
}

package io.caravan.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A validated request to create a batch.
 *
 * @param provider the provider that runs it; absent in batches stored by versions that had only one
 */
public record BatchForm(
    Endpoint endpoint,
    String inputFileId,
    @Nullable Map<String, String> metadata,
    @Nullable Duration outputExpiresAfter,
    String provider) {
  public static final String WINDOW = "24h";
  private static final String CHAT = Endpoint.CHAT_COMPLETIONS.path();

  public BatchForm {
    provider = Objects.requireNonNullElse(provider, OtherProviders.LOCAL);
  }

  public static BatchForm parse(JsonNode json, String provider) {
    return of(json, text(json, "input_file_id"), text(json, "endpoint"), provider)
        .inWindow(text(json, "completion_window"));
  }

  /** Parses the format of the any-llm gateway, in which only the requests are mandatory. */
  public static BatchForm ofRequests(JsonNode json, String fileId, String provider) {
    String endpoint = json.has("endpoint") ? text(json, "endpoint") : CHAT;
    String window = json.has("completion_window") ? text(json, "completion_window") : WINDOW;
    return of(json, fileId, endpoint, provider).inWindow(window);
  }

  private static BatchForm of(JsonNode json, String fileId, String endpoint, String provider) {
    return new BatchForm(
        Endpoint.of(endpoint)
            .orElseThrow(
                () -> unsupported("endpoint", endpoint, String.join(", ", Endpoint.paths()))),
        fileId,
        Metadata.parse(json.get("metadata")),
        Expiry.parse("output_expires_after", json.path("output_expires_after")).orElse(null),
        provider);
  }

  private BatchForm inWindow(String window) {
    if (!window.equals(WINDOW)) {
      throw unsupported("completion_window", window, "'24h'");
    }
    return this;
  }

  /** Whether this server runs the batch itself. */
  public boolean local() {
    return provider.equals(OtherProviders.LOCAL);
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

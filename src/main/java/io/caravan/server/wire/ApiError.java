package io.caravan.server.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** OpenAI's error object, the {@code error} member of an error response. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ApiError(String message, String type, @Nullable String param, @Nullable String code) {

  public static ApiError invalidRequest(
      String message, @Nullable String param, @Nullable String code) {
    return new ApiError(message, "invalid_request_error", param, code);
  }

  public static ApiError server(String message, @Nullable String code) {
    return new ApiError(message, "server_error", null, code);
  }

  public Body inBody() {
    return new Body(this);
  }

  public JsonNode toJson() {
    return Json.MAPPER.valueToTree(inBody());
  }

  /** The body of an error response. */
  record Body(ApiError error) {}
}

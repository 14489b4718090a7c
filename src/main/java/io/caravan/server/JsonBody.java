package io.caravan.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** The JSON object in the body of a request, whatever its content type says. */
final class JsonBody {
  private JsonBody() {}

  static ObjectNode read(HttpServletRequest request) throws IOException {
    try {
      if (Json.MAPPER.readTree(request.getInputStream()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw invalid(e.getOriginalMessage());
    }
    throw invalid("expected an object.");
  }

  private static ApiException invalid(String reason) {
    return ApiException.invalid(
        "We could not parse the JSON body of your request: " + reason, null, null);
  }
}

package io.caravan.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/**
 * The reader of JSON objects in request bodies, whatever their content type.
 *
 * @param maxBytes the limit of a body, which is read into memory
 */
public record JsonBody(int maxBytes) {

  ObjectNode read(HttpServletRequest request) throws IOException {
    try {
      if (Json.MAPPER.readTree(bytes(request)) instanceof ObjectNode object) {
        return whole(object);
      }
    } catch (JsonProcessingException e) {
      throw invalid(e.getOriginalMessage());
    }
    throw invalid("expected an object.");
  }

  /** Counts the bytes, too, since Content-Length may be missing or wrong. */
  private byte[] bytes(HttpServletRequest request) throws IOException {
    if (request.getContentLengthLong() <= maxBytes) {
      byte[] bytes = request.getInputStream().readNBytes(maxBytes + 1);
      if (bytes.length <= maxBytes) {
        return bytes;
      }
    }
    throw tooLarge(
        "The body has more than the %d bytes that this server takes.".formatted(maxBytes));
  }

  /** Returns the body; rejects half surrogate pairs, which cannot be stored or forwarded. */
  static ObjectNode whole(ObjectNode body) {
    if (Json.hasHalf(body)) {
      throw invalid("it holds half of a surrogate pair. Write whole characters.");
    }
    return body;
  }

  static ApiException tooLarge(String message) {
    return new ApiException(413, ApiError.invalidRequest(message, null, null));
  }

  static ApiException invalid(String reason) {
    return ApiException.invalid(
        "We could not parse the JSON body of your request: " + reason, null, null);
  }
}

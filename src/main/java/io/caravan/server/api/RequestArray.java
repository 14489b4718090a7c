package io.caravan.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.disk.DiskReserve;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.BoundedLineReader;
import io.caravan.server.wire.BoundedLineReader.Line;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.Json;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The inline requests of a create request, {@code {"custom_id", "body"}} each, which become the
 * lines of an input file.
 *
 * @param requests one per line
 * @param model the model of all requests; null when each names its own
 */
record RequestArray(Path requests, Endpoint endpoint, @Nullable String model, int maxLineBytes) {

  /** Writes the requests as complete input lines. */
  void writeTo(Path target) throws IOException {
    int index = 0;
    try (var lines = new BoundedLineReader(requests, maxLineBytes);
        OutputStream out = new BufferedOutputStream(DiskReserve.newOutputStream(target))) {
      for (Line line = lines.next(); line != null; line = lines.next()) {
        out.write(Json.MAPPER.writeValueAsBytes(full(line, "requests[%d]".formatted(index))));
        out.write('\n');
        index++;
      }
    }
    if (index == 0) {
      throw ApiException.invalid(
          "Invalid 'requests': empty array. Expected one request or more.",
          "requests",
          "empty_array");
    }
  }

  private ObjectNode full(Line line, String where) throws JsonProcessingException {
    JsonNode request = line.fault() == null ? Json.MAPPER.readTree(line.text()) : null;
    if (request == null) {
      throw JsonBody.tooLarge("'%s' %s.".formatted(where, line.fault()));
    }
    if (!request.isObject()) {
      throw Json.wrongType(where, "an object", request);
    }
    JsonNode id = request.path("custom_id");
    if (!id.isTextual()) {
      throw Json.wrongType(where + ".custom_id", "a string", id);
    }
    if (!(request.path("body") instanceof ObjectNode body)) {
      throw Json.wrongType(where + ".body", "an object", request.path("body"));
    }
    if (model != null) {
      body.put("model", model);
    }
    ObjectNode full = Json.MAPPER.createObjectNode();
    full.put("custom_id", id.textValue());
    full.put("method", "POST");
    full.put("url", endpoint.path());
    full.set("body", body);
    return full;
  }
}

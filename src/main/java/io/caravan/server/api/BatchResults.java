package io.caravan.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.store.StoredBatch;
import io.caravan.server.store.StoredFile;
import io.caravan.server.store.StoredFiles;
import io.caravan.server.wire.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The results of a batch in the format of the any-llm gateway: {@code {"results": [{"custom_id",
 * "result", "error"}]}}, here including requests without a result.
 */
final class BatchResults {
  private final StoredFiles files;

  BatchResults(StoredFiles files) {
    this.files = files;
  }

  /** The result files, except those that were deleted or have expired. */
  Stream<StoredFile> of(StoredBatch batch) {
    return Stream.of(batch.outputFileId(), batch.errorFileId())
        .flatMap(Stream::ofNullable)
        .map(files::find)
        .flatMap(Optional::stream);
  }

  void write(Iterable<StoredFile> results, OutputStream out) throws IOException {
    try (JsonGenerator json = Json.MAPPER.createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("results");
      for (StoredFile file : results) {
        write(file, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private void write(StoredFile file, JsonGenerator json) throws IOException {
    try (InputStream in = files.content(file).getInputStream();
        JsonParser parser = Json.MAPPER.createParser(in);
        MappingIterator<ObjectNode> lines =
            Json.MAPPER.readerFor(ObjectNode.class).readValues(parser)) {
      while (lines.hasNextValue()) {
        json.writeTree(result(lines.nextValue()));
      }
    }
  }

  private static ObjectNode result(ObjectNode line) {
    JsonNode body = line.at("/response/body");
    int status = line.at("/response/status_code").asInt();
    boolean good = line.path("error").isEmpty() && status >= 200 && status < 300;
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.set("custom_id", line.path("custom_id"));
    result.set("result", good ? body : null);
    result.set("error", good ? null : error(line, status));
    return result;
  }

  private static ObjectNode error(ObjectNode line, int status) {
    JsonNode own = line.path("error");
    JsonNode said = own.isObject() ? own : line.at("/response/body/error");
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("code", said.hasNonNull("code") ? said.get("code").asText() : "http_" + status);
    error.put("message", said.path("message").asText("The answer had the status " + status + "."));
    return error;
  }
}

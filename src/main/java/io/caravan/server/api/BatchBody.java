package io.caravan.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.disk.DiskReserve;
import io.caravan.server.wire.Json;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The body of a create request: its members, and its inline requests, if any. They are written to a
 * file, one per line, since they may exceed memory and may precede other members.
 *
 * @param requests null when the batch has an input file
 */
record BatchBody(ObjectNode members, @Nullable Path requests) implements Closeable {
  private static final ObjectReader VALUES =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final String REQUESTS = "requests";

  static BatchBody read(BodyInput input) throws IOException {
    Path file = null;
    try (JsonParser parser = Json.MAPPER.createParser(input)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw JsonBody.invalid("expected an object.");
      }
      ObjectNode members = Json.MAPPER.createObjectNode();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(REQUESTS) && parser.currentToken() == JsonToken.START_ARRAY) {
          file = file == null ? Files.createTempFile("caravan-requests-", ".jsonl") : file;
          copy(parser, file, input);
        } else {
          members.set(name, VALUES.readTree(parser));
        }
      }
      return new BatchBody(JsonBody.whole(members), file);
    } catch (JsonProcessingException e) {
      delete(file);
      throw JsonBody.invalid(e.getOriginalMessage());
    } catch (IOException | RuntimeException e) {
      delete(file);
      throw e;
    }
  }

  private static void copy(JsonParser parser, Path file, BodyInput input) throws IOException {
    try (OutputStream out = new BufferedOutputStream(DiskReserve.newOutputStream(file));
        JsonGenerator generator = Json.MAPPER.createGenerator(out)) {
      generator.setPrettyPrinter(new MinimalPrettyPrinter(""));
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        input.nextPiece();
        generator.copyCurrentStructure(parser);
        generator.writeRaw('\n');
      }
      input.nextPiece();
    }
  }

  private static void delete(@Nullable Path file) throws IOException {
    if (file != null) {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public void close() throws IOException {
    delete(requests);
  }
}

package io.caravan.server.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * A JSON object as UTF-8 bytes on one line. Bodies are copied from line to request and from answer
 * to line without being parsed into a tree; only the usage is read.
 */
public final class JsonBytes {
  /** Reads a value in the middle of a document. */
  private static final ObjectReader FIELDS =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final byte[] utf8;
  private final JsonNode usage;

  private JsonBytes(byte[] utf8, JsonNode usage) {
    this.utf8 = utf8;
    this.usage = usage;
  }

  public static JsonBytes of(JsonNode object) {
    try {
      return new JsonBytes(Json.MAPPER.writeValueAsBytes(object), object.path("usage"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Part of a text, without a check: the caller knows that it is a JSON object. */
  public static JsonBytes part(byte[] text, int start, int end) {
    return new JsonBytes(Arrays.copyOfRange(text, start, end), Json.MAPPER.missingNode());
  }

  /** Returns empty if the text is not a JSON object; numbers keep their digits. */
  public static Optional<JsonBytes> parse(byte[] text) {
    try (JsonParser parser = Json.MAPPER.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      JsonNode usage = Json.MAPPER.missingNode();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        if (field.equals("usage")) {
          usage = FIELDS.readTree(parser);
        } else {
          parser.skipChildren();
        }
      }
      boolean alone = parser.nextToken() == null;
      return alone ? Optional.of(new JsonBytes(onOneLine(text), usage)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Line breaks can be replaced safely: JSON does not allow them inside strings. */
  private static byte[] onOneLine(byte[] text) {
    for (int i = 0; i < text.length; i++) {
      if (isLineEnd(text[i])) {
        return withoutLineEnds(text.clone(), i);
      }
    }
    return text;
  }

  private static byte[] withoutLineEnds(byte[] text, int from) {
    for (int i = from; i < text.length; i++) {
      text[i] = isLineEnd(text[i]) ? (byte) ' ' : text[i];
    }
    return text;
  }

  private static boolean isLineEnd(byte b) {
    return b == '\n' || b == '\r';
  }

  public ObjectNode toTree() {
    try {
      return (ObjectNode) Json.MAPPER.readTree(utf8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode usage() {
    return usage;
  }

  public byte[] toByteArray() {
    return utf8.clone();
  }

  int length() {
    return utf8.length;
  }

  public void writeTo(OutputStream out) throws IOException {
    out.write(utf8);
  }

  @Override
  public String toString() {
    return toTree().toString();
  }
}

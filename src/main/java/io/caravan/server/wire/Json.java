package io.caravan.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON as this server reads and writes it: numbers keep their digits, nulls are explicit. */
public final class Json {
  /** Images are sent as one base64 string. */
  private static final int MAX_STRING = 256 << 20;

  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(MAX_STRING).build())
                  .build())
          .addModule(new JavaTimeModule())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();

  private Json() {}

  /** Parses the text as a JSON object. */
  public static ObjectNode object(String text) throws JsonProcessingException {
    if (MAPPER.readTree(text) instanceof ObjectNode object) {
      return object;
    }
    throw new NoObjectException();
  }

  public static Optional<ObjectNode> tryObject(String text) {
    try {
      return Optional.of(object(text));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Writes the text as a JSON string. */
  public static String quote(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /**
   * Whether a text contains half of a surrogate pair. JSON can express it but UTF-8 cannot, so
   * models and files reject it.
   */
  public static boolean hasHalf(String text) {
    return !UTF_8.newEncoder().canEncode(text);
  }

  /** The same for any string value in the JSON; the parser rejects it in member names. */
  public static boolean hasHalf(JsonNode json) {
    if (json.isTextual()) {
      return hasHalf(json.textValue());
    }
    for (JsonNode value : json) {
      if (hasHalf(value)) {
        return true;
      }
    }
    return false;
  }

  /** The error for a value of an unexpected type. */
  public static ApiException wrongType(String field, String expected, JsonNode got) {
    return ApiException.invalid(
        "Invalid type for '%s': expected %s, but got %s instead."
            .formatted(field, expected, kind(got)),
        field,
        "invalid_type");
  }

  /** The type of the value, as named in error messages. */
  public static String kind(@Nullable JsonNode node) {
    if (node == null || node.isMissingNode()) {
      return "nothing";
    }
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case NUMBER -> node.isIntegralNumber() ? "an integer" : "a number";
      case OBJECT, POJO -> "an object";
      case STRING, BINARY -> "a string";
      case MISSING -> "nothing";
    };
  }

  private static final class NoObjectException extends JsonProcessingException {
    NoObjectException() {
      super("expected a JSON object");
    }
  }
}

package io.caravan.server.embedding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;

/** The validated texts of an embeddings request, and the format of its answer. */
record EmbeddingInput(List<String> texts, boolean several, boolean base64) {
  private static final int MAX_TEXTS = 2_048;

  /**
   * The model in this JVM reads at most 510 tokens of a text and silently ignores the rest, so a
   * count of 510 may mean more.
   */
  private static final int MAX_TOKENS = 509;

  /** The longest OpenAI token, in characters. */
  private static final int LONGEST_TOKEN = 128;

  static EmbeddingInput parse(JsonNode body, int dimension) {
    JsonNode dimensions = body.path("dimensions");
    boolean given = !dimensions.isMissingNode() && !dimensions.isNull();
    if (given && !(dimensions.isInt() && dimensions.intValue() == dimension)) {
      throw invalid("This model supports only %d dimensions.".formatted(dimension), "dimensions");
    }
    JsonNode input = body.path("input");
    return new EmbeddingInput(texts(input), input.isArray(), base64(body.path("encoding_format")));
  }

  /** Writes an embedding in the requested format. */
  JsonNode encode(float[] vector) {
    if (base64) {
      ByteBuffer bytes =
          ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(vector);
      return TextNode.valueOf(Base64.getEncoder().encodeToString(bytes.array()));
    }
    ArrayNode numbers = Json.MAPPER.createArrayNode();
    for (float number : vector) {
      numbers.add(number);
    }
    return numbers;
  }

  /** Rejects a text that the model may have truncated. */
  void checkTokens(int text, int tokens) {
    if (tokens > MAX_TOKENS) {
      throw tooLong(place(several, text));
    }
  }

  private static String place(boolean several, int text) {
    return several ? "input[%d]".formatted(text) : "input";
  }

  private static ApiException tooLong(String place) {
    return ApiException.invalid(
        "Invalid '%s': maximum input length is %d tokens.".formatted(place, MAX_TOKENS),
        null,
        null);
  }

  /** The error for a text without any tokens. */
  static ApiException empty() {
    return invalid("'input' cannot be an empty string.", "input");
  }

  private static List<String> texts(JsonNode input) {
    if (!input.isTextual() && !input.isArray()) {
      throw invalid("'input' must be a string or an array of strings.", "input");
    }
    List<JsonNode> nodes =
        input.isTextual()
            ? List.of(input)
            : StreamSupport.stream(input.spliterator(), false).toList();
    if (nodes.isEmpty() || nodes.size() > MAX_TEXTS) {
      throw invalid("'input' must have 1 to %d strings.".formatted(MAX_TEXTS), "input");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode node : nodes) {
      texts.add(text(node, place(input.isArray(), texts.size())));
    }
    return texts;
  }

  private static String text(JsonNode node, String place) {
    if (node.isNumber() || node.isArray()) {
      throw invalid("Arrays of token ids are not supported here: send strings.", "input");
    }
    if (!node.isTextual()) {
      throw invalid("'input' must be a string or an array of strings.", "input");
    }
    if (node.textValue().length() > MAX_TOKENS * LONGEST_TOKEN) { // certainly too long
      throw tooLong(place);
    }
    if (node.textValue().isBlank()) {
      throw empty();
    }
    if (Json.hasHalf(node.textValue())) {
      throw invalid("'input' holds half of a surrogate pair. Write whole characters.", "input");
    }
    return node.textValue();
  }

  private static boolean base64(JsonNode format) {
    return switch (format.isMissingNode() || format.isNull() ? "float" : format.asText()) {
      case "float" -> false;
      case "base64" -> true;
      default -> throw invalid("Supported values are 'float' and 'base64'.", "encoding_format");
    };
  }

  private static ApiException invalid(String message, String param) {
    return ApiException.invalid(message, param, "invalid_value");
  }
}

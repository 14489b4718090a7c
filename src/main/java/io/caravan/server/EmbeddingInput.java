package io.caravan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.stream.StreamSupport;

/** The texts of an embeddings request, checked, and the format of its answer. */
record EmbeddingInput(List<String> texts, boolean base64) {
  private static final int MAX_TEXTS = 2_048;

  static EmbeddingInput parse(JsonNode body, int dimension) {
    JsonNode dimensions = body.path("dimensions");
    if (!dimensions.isMissingNode() && !dimensions.isNull() && dimensions.asInt() != dimension) {
      throw invalid(
          "This model has %d dimensions and no other number.".formatted(dimension), "dimensions");
    }
    return new EmbeddingInput(texts(body.path("input")), base64(body.path("encoding_format")));
  }

  /** An embedding in the format that was asked for. */
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
    return nodes.stream().map(EmbeddingInput::text).toList();
  }

  private static String text(JsonNode node) {
    if (node.isNumber() || node.isArray()) {
      throw invalid("Arrays of token ids are not supported here: send strings.", "input");
    }
    if (!node.isTextual()) {
      throw invalid("'input' must be a string or an array of strings.", "input");
    }
    if (node.textValue().isBlank()) {
      throw invalid("'input' cannot be an empty string.", "input");
    }
    return node.textValue();
  }

  private static boolean base64(JsonNode format) {
    return switch (format.asText("float")) {
      case "float", "null" -> false;
      case "base64" -> true;
      default -> throw invalid("Supported values are 'float' and 'base64'.", "encoding_format");
    };
  }

  private static ApiException invalid(String message, String param) {
    return ApiException.invalid(message, param, "invalid_value");
  }
}

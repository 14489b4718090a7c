package io.caravan.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Line formats of other providers' batch APIs. A native line becomes a whole request for the native
 * endpoint, which only that provider accepts; its content is not changed.
 */
public enum NativeLine {
  /** Anthropic's Message Batches: {@code {"custom_id": …, "params": {…}}}. */
  MESSAGE("params", "/v1/messages"),
  /** Gemini's files: {@code {"key": …, "request": {…}}}, without the model. */
  CONTENT("request", "/v1beta/generateContent") {
    @Override
    ObjectNode requestOf(ObjectNode row, long line, String model) {
      JsonNode own = row.path("request");
      ObjectNode named = row.deepCopy();
      if (!row.has("custom_id")) {
        named.set("custom_id", row.path("key"));
      }
      ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model);
      own.properties().forEach(member -> body.set(member.getKey(), member.getValue()));
      ObjectNode request = super.requestOf(named, line, model);
      request.set("body", body);
      return own.has("content") ? request.put("url", "/v1beta/embedContent") : request;
    }
  };

  private final String member;
  private final String endpoint;

  NativeLine(String member, String endpoint) {
    this.member = member;
    this.endpoint = endpoint;
  }

  /** Whether an object member of this name identifies a native line. */
  static boolean isMember(String name) {
    return Stream.of(values()).anyMatch(line -> line.member.equals(name));
  }

  /**
   * Converts a native line to a whole request; empty for other lines.
   *
   * @param model for lines without a model
   */
  public static Optional<ObjectNode> request(ObjectNode row, long line, String model) {
    return Stream.of(values())
        .filter(form -> row.path(form.member).isObject())
        .findFirst()
        .map(form -> form.requestOf(row, line, model));
  }

  /** The custom_id of a row, else {@code line-} and its line number. */
  public static String customId(ObjectNode row, long line) {
    JsonNode own = row.path("custom_id");
    return own.isValueNode() && !own.asText().isBlank() && !own.isNull()
        ? own.asText()
        : "line-" + line;
  }

  ObjectNode requestOf(ObjectNode row, long line, String model) {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    request.put("custom_id", customId(row, line)).put("method", "POST");
    request.put("url", endpoint).set("body", row.path(member));
    return request;
  }
}

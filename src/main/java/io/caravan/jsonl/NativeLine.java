package io.caravan.jsonl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lines as other providers' own batch APIs take them. A whole request is made of one by its native
 * endpoint, which the provider alone takes, and its content stays as it is.
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

  /** Whether an object of that name makes a line native. */
  static boolean isMember(String name) {
    return Stream.of(values()).anyMatch(line -> line.member.equals(name));
  }

  /**
   * The whole request; empty for a line of another form.
   *
   * @param model for lines that name none
   */
  public static Optional<ObjectNode> request(ObjectNode row, long line, String model) {
    return Stream.of(values())
        .filter(form -> row.path(form.member).isObject())
        .findFirst()
        .map(form -> form.requestOf(row, line, model));
  }

  /** The id that a row brings, else one by the line on which it stands. */
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

package io.caravan.queue.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import java.util.Map;
import java.util.Set;

/** Translates requests for the Responses API, with text only, into chat completions. */
final class ChatOfResponse {
  /** Members with the same meaning in both. */
  private static final Map<String, String> SAME =
      Map.of(
          "model", "model",
          "temperature", "temperature",
          "top_p", "top_p",
          "max_output_tokens", "max_tokens",
          "user", "user");

  /** Members that change no answer of a single request with text. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "metadata",
          "store",
          "truncation",
          "service_tier",
          "parallel_tool_calls",
          "safety_identifier",
          "prompt_cache_key",
          "prompt_cache_retention",
          "tool_choice");

  private static final Set<String> ROLES = Set.of("user", "assistant", "system", "developer");
  private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");

  private ChatOfResponse() {}

  /** The body of a chat completion; fails if something in it cannot be translated. */
  static ObjectNode request(ObjectNode body) {
    ObjectNode chat = StrictJson.MAPPER.createObjectNode();
    body.properties()
        .forEach(member -> {
          String name = member.getKey();
          JsonNode value = member.getValue();
          if (SAME.containsKey(name) && !value.isNull()) {
            chat.set(SAME.get(name), value);
          } else if (!value.isNull() && !isHarmless(name, value)) {
            translate(name, value, chat);
          }
        });
    chat.set("messages", messages(body));
    return chat;
  }

  private static boolean isHarmless(String name, JsonNode value) {
    return name.equals("input")
        || name.equals("instructions")
        || WITHOUT_EFFECT.contains(name)
        || (value.isContainerNode() && value.isEmpty());
  }

  private static void translate(String name, JsonNode value, ObjectNode chat) {
    switch (name) {
      case "reasoning" ->
          only(value, name, "effort").forEach(it -> chat.set("reasoning_effort", it));
      case "text" -> only(value, name, "format").forEach(it -> format(it, chat));
      default -> throw impossible(name);
    }
  }

  /** The value of its only member; null counts as absent. */
  private static Iterable<JsonNode> only(JsonNode value, String parent, String name) {
    value
        .properties()
        .forEach(member -> {
          if (!member.getKey().equals(name) && !member.getValue().isNull()) {
            throw impossible(parent + "." + member.getKey());
          }
        });
    return value.hasNonNull(name) ? Set.of(value.get(name)) : Set.of();
  }

  private static void format(JsonNode format, ObjectNode chat) {
    switch (format.path("type").asText()) {
      case "text" -> {
        // as without it
      }
      case "json_object" -> chat.putObject("response_format").put("type", "json_object");
      case "json_schema" -> {
        ObjectNode schema = format.deepCopy();
        schema.remove("type");
        chat.putObject("response_format").put("type", "json_schema").set("json_schema", schema);
      }
      default -> throw impossible("text.format");
    }
  }

  private static ArrayNode messages(ObjectNode body) {
    ArrayNode messages = StrictJson.MAPPER.createArrayNode();
    JsonNode instructions = body.path("instructions");
    if (instructions.isTextual()) {
      messages.addObject().put("role", "system").set("content", instructions);
    }
    JsonNode input = body.path("input");
    if (input.isTextual()) {
      messages.addObject().put("role", "user").set("content", input);
    } else if (input.isArray()) {
      for (int i = 0; i < input.size(); i++) {
        messages.add(message(input.get(i), "input[%d]".formatted(i)));
      }
    } else {
      throw QueueProblem.invalid(
          input.isMissingNode() ? "missing_required_parameter" : "invalid_type",
          "input must be a string or an array of messages.",
          "input");
    }
    return messages;
  }

  private static ObjectNode message(JsonNode item, String where) {
    String role = item.path("role").asText();
    if (!item.path("type").asText("message").equals("message") || !ROLES.contains(role)) {
      throw impossible(where);
    }
    ObjectNode message = StrictJson.MAPPER.createObjectNode();
    message.put("role", role.equals("developer") ? "system" : role);
    JsonNode content = item.path("content");
    if (content.isTextual()) {
      message.set("content", content);
      return message;
    }
    ArrayNode parts = message.putArray("content");
    for (int i = 0; i < content.size(); i++) {
      JsonNode part = content.get(i);
      if (!TEXTS.contains(part.path("type").asText()) || !part.path("text").isTextual()) {
        throw impossible("%s.content[%d]".formatted(where, i));
      }
      parts.addObject().put("type", "text").set("text", part.get("text"));
    }
    return message;
  }

  private static QueueProblem impossible(String what) {
    return QueueProblem.invalid(
        "not_translatable",
        "The provider has no Responses API, and %s cannot be translated to a chat completion. Use text input only, without tools and files, or name another provider in the header Caravan-Provider."
            .formatted(what),
        what);
  }
}

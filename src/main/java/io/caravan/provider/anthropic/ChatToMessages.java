package io.caravan.provider.anthropic;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.provider.ChatMessage;
import io.caravan.provider.Media;
import io.caravan.provider.Provider;
import io.caravan.provider.UntranslatableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Translates the body of a chat completion to the parameters of Anthropic's Messages. */
final class ChatToMessages {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  /** From this version on, the API has no sampling parameters. */
  private static final String NO_SAMPLING = "2026-10-21";

  private static final List<String> IMAGES =
      List.of("image/jpeg", "image/png", "image/gif", "image/webp");

  private static final String PDF = "application/pdf";

  private final JsonNode body;
  private final Provider provider;
  private final ObjectNode params = JSON.createObjectNode();

  private ChatToMessages(JsonNode body, Provider provider) {
    this.body = body;
    this.provider = provider;
  }

  /**
   * The parameters of the same request.
   *
   * @throws UntranslatableException if something in it has no counterpart
   */
  static ObjectNode translate(JsonNode body, Provider provider) {
    return new ChatToMessages(body, provider).translate();
  }

  private ObjectNode translate() {
    params.put("model", body.path("model").asText());
    params.put("max_tokens", provider.maxTokens());
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      if (!member.getValue().isNull()) {
        translate(member.getKey(), member.getValue());
      }
    }
    JsonNode messages = body.path("messages");
    if (!messages.isArray()) {
      throw refused("messages", "is not a list of messages.");
    }
    ChatMessages.translate(messages, params);
    toolChoice();
    return params;
  }

  private void translate(String name, JsonNode value) {
    switch (name) {
      case "model", "messages", "tool_choice", "parallel_tool_calls" -> {} // in translate()
      case "max_tokens", "max_completion_tokens" -> maxTokens(name, value);
      case "stop" -> stop(value);
      case "temperature", "top_p" -> sampling(name, value);
      case "tools" -> tools(value);
      case "response_format" -> format(value);
      case "user" -> params.putObject("metadata").put("user_id", value.asText());
      case "n" -> onlyDefault(name, value.asInt() == 1);
      case "frequency_penalty", "presence_penalty" -> onlyDefault(name, value.asDouble(1) == 0);
      case "stream", "store", "logprobs" -> onlyDefault(name, !value.asBoolean(true));
      default -> onlyDefault(name, false);
    }
  }

  private static void onlyDefault(String name, boolean isDefault) {
    if (!isDefault) {
      throw refused(name, "has no counterpart at Anthropic. Leave it out.");
    }
  }

  private void maxTokens(String name, JsonNode value) {
    if (!value.canConvertToInt() || value.asInt() < 1) {
      throw refused(name, "is not a number of tokens. Write 1 or more.");
    }
    if (name.equals("max_completion_tokens") || !body.hasNonNull("max_completion_tokens")) {
      params.put("max_tokens", value.asInt());
    }
  }

  private void stop(JsonNode value) {
    List<String> sequences = ChatMessage.stops(value);
    if (sequences.stream().anyMatch(String::isBlank)) {
      throw refused(
          "stop",
          "holds a sequence of only white space, which Anthropic does not take. Leave it out.");
    }
    if (!sequences.isEmpty()) {
      sequences.forEach(params.putArray("stop_sequences")::add);
    }
  }

  private void sampling(String name, JsonNode value) {
    if (provider.version().compareTo(NO_SAMPLING) >= 0) {
      throw refused(
          name,
          "does not exist in version %s of Anthropic's API. Leave it out, or set an earlier version."
              .formatted(provider.version()));
    }
    if (!value.isNumber() || value.asDouble() < 0 || value.asDouble() > 1) {
      throw refused(name, "is not between 0 and 1, the range that Anthropic takes.");
    }
    params.set(name, value);
  }

  private void tools(JsonNode tools) {
    ArrayNode translated = params.putArray("tools");
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      if (!"function".equals(tool.path("type").asText()) || !function.path("name").isTextual()) {
        throw refused("tools", "holds a tool that is not a function.");
      }
      ObjectNode one = translated.addObject();
      one.set("name", function.path("name"));
      if (function.hasNonNull("description")) {
        one.set("description", function.path("description"));
      }
      one.set(
          "input_schema",
          function.hasNonNull("parameters")
              ? function.path("parameters")
              : JSON.createObjectNode().put("type", "object"));
      if (function.path("strict").asBoolean()) {
        one.put("strict", true);
      }
    }
  }

  private void toolChoice() {
    JsonNode choice = body.path("tool_choice");
    boolean one =
        body.has("parallel_tool_calls") && !body.path("parallel_tool_calls").asBoolean(true);
    if (!body.hasNonNull("tools") || (!body.hasNonNull("tool_choice") && !one)) {
      return;
    }
    ObjectNode translated = params.putObject("tool_choice");
    if (choice.isObject()) {
      JsonNode name = choice.path("function").path("name");
      if (!name.isTextual()) {
        throw refused("tool_choice", "names no function.");
      }
      translated.put("type", "tool").set("name", name);
    } else {
      translated.put("type", choiceOf(choice.asText("auto")));
    }
    if (one && !"none".equals(translated.path("type").asText())) {
      translated.put("disable_parallel_tool_use", true);
    }
  }

  private static String choiceOf(String choice) {
    return switch (choice) {
      case "", "null", "auto" -> "auto";
      case "none" -> "none";
      case "required" -> "any";
      default -> throw refused("tool_choice", "is not auto, none, required or a function.");
    };
  }

  private void format(JsonNode format) {
    switch (format.path("type").asText()) {
      case "text" -> {}
      case "json_schema" -> {
        JsonNode schema = format.path("json_schema").path("schema");
        if (!schema.isObject()) {
          throw refused("response_format", "holds no schema.");
        }
        ObjectNode output = params.putObject("output_config").putObject("format");
        output.put("type", "json_schema").set("schema", schema);
      }
      default ->
          throw refused(
              "response_format", "of this type has no counterpart at Anthropic. Use json_schema.");
    }
  }

  /** Translates the messages of a conversation. */
  private static final class ChatMessages {
    private final ArrayNode turns;
    private final List<String> system = new ArrayList<>();

    private ChatMessages(ArrayNode turns) {
      this.turns = turns;
    }

    static void translate(JsonNode messages, ObjectNode params) {
      var conversation = new ChatMessages(JSON.createArrayNode());
      messages.forEach(conversation::add);
      if (conversation.turns.isEmpty()) {
        throw refused("messages", "holds no message of a user or an assistant.");
      }
      if (!conversation.system.isEmpty()) {
        params.put("system", String.join("\n\n", conversation.system));
      }
      params.set("messages", conversation.turns);
    }

    private void add(JsonNode message) {
      ChatMessage.untranslatable(message)
          .ifPresent(name -> {
            throw refused(
                "messages",
                "holds a message with %s, which Anthropic does not have.".formatted(name));
          });
      JsonNode content = message.path("content");
      switch (message.path("role").asText()) {
        case "system", "developer" -> system.add(text(content));
        case "user" -> turn("user", blocks(content, true));
        case "assistant" -> turn("assistant", assistant(message, content));
        case "tool" -> result(message, content);
        default -> throw refused("messages", "holds a message of an unknown role.");
      }
    }

    private void turn(String role, ArrayNode blocks) {
      if (blocks.isEmpty()) {
        throw refused("messages", "holds a message without content.");
      }
      turns.addObject().put("role", role).set("content", blocks);
    }

    private static ArrayNode assistant(JsonNode message, JsonNode content) {
      ArrayNode blocks = JSON.createArrayNode();
      if (!content.isNull() && !content.isMissingNode() && !content.asText("-").isEmpty()) {
        blocks.addAll(blocks(content, false));
      }
      for (JsonNode call : message.path("tool_calls")) {
        ObjectNode use = blocks.addObject().put("type", "tool_use");
        use.set("id", call.path("id"));
        use.set("name", call.path("function").path("name"));
        use.set("input", arguments(call.path("function").path("arguments").asText()));
      }
      return blocks;
    }

    private static JsonNode arguments(String json) {
      try {
        JsonNode arguments = JSON.readTree(json.isBlank() ? "{}" : json);
        if (arguments.isObject()) {
          return arguments;
        }
      } catch (JacksonException e) {
        // rejected below
      }
      throw refused("messages", "holds a tool call whose arguments are not a JSON object.");
    }

    /** All results of one turn go into one message. */
    private void result(JsonNode message, JsonNode content) {
      JsonNode last = turns.isEmpty() ? JSON.missingNode() : turns.get(turns.size() - 1);
      boolean goesOn = "tool_result".equals(last.path("content").path(0).path("type").asText());
      ArrayNode blocks =
          goesOn && last.path("content") instanceof ArrayNode before
              ? before
              : turns.addObject().put("role", "user").putArray("content");
      ObjectNode result = blocks.addObject().put("type", "tool_result");
      result.set("tool_use_id", message.path("tool_call_id"));
      result.put("content", text(content));
    }

    private static String text(JsonNode content) {
      var text = new StringBuilder();
      for (JsonNode block : blocks(content, false)) {
        text.append(block.path("text").asText());
      }
      return text.toString();
    }

    private static ArrayNode blocks(JsonNode content, boolean user) {
      ArrayNode blocks = JSON.createArrayNode();
      if (content.isTextual()) {
        blocks.addObject().put("type", "text").set("text", content);
        return blocks;
      }
      for (JsonNode part : content) {
        String type = part.path("type").asText();
        if (type.equals("text") && part.path("text").isTextual()) {
          blocks.addObject().put("type", "text").set("text", part.path("text"));
        } else {
          media(blocks.addObject(), ChatMessage.media(part, user));
        }
      }
      return blocks;
    }

    /** platform.claude.com/docs: vision and PDF support. */
    private static void media(ObjectNode block, Media media) {
      String type = media.type();
      boolean image = type == null ? media.kind() == Media.Kind.IMAGE : IMAGES.contains(type);
      boolean document = type == null ? media.kind() == Media.Kind.FILE : type.equals(PDF);
      boolean readable = media.inline() ? type != null : !media.content().startsWith("gs:");
      if (!readable || (!image && !document)) {
        throw media.notTaken("Anthropic", String.join(", ", IMAGES) + ", " + PDF);
      }
      ObjectNode source = block.put("type", document ? "document" : "image").putObject("source");
      if (media.inline()) {
        source.put("type", "base64").put("media_type", type).put("data", media.content());
      } else {
        source.put("type", "url").put("url", media.content());
      }
    }
  }
}

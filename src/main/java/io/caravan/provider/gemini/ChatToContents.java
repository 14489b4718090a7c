package io.caravan.provider.gemini;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.provider.ChatMessage;
import io.caravan.provider.ChatTurns;
import io.caravan.provider.UntranslatableException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Translates the body of a chat completion to that of Gemini's {@code generateContent}. */
final class ChatToContents {
  private static final JsonMapper JSON = new JsonMapper();

  /** Thinking tokens for models that take a budget (Google's OpenAI compatibility guide). */
  private static final Map<String, Integer> BUDGETS =
      Map.of("none", 0, "minimal", 1_024, "low", 1_024, "medium", 8_192, "high", 24_576);

  private final JsonNode body;
  private final ObjectNode config = JSON.createObjectNode();
  private final ObjectNode request = JSON.createObjectNode();

  private ChatToContents(JsonNode body) {
    this.body = body;
  }

  /**
   * The same request without its model, which the batch names.
   *
   * @throws UntranslatableException if something in it has no counterpart
   */
  static ObjectNode translate(JsonNode body) {
    return new ChatToContents(body).translate();
  }

  private ObjectNode translate() {
    if (!body.path("messages").isArray()) {
      throw refused("messages", "is not a list of messages.");
    }
    ChatTurns.translate(body.path("messages"), !isBeforeGemini3(), request);
    for (Map.Entry<String, JsonNode> member : body.properties()) {
      if (!member.getValue().isNull()) {
        translate(member.getKey(), member.getValue());
      }
    }
    if (!config.isEmpty()) {
      request.set("generationConfig", config);
    }
    return request;
  }

  private void translate(String name, JsonNode value) {
    switch (name) {
      case "model", "messages" -> {}
      case "max_completion_tokens" -> config.put("maxOutputTokens", number(name, value));
      case "max_tokens" -> {
        if (!body.hasNonNull("max_completion_tokens")) {
          config.put("maxOutputTokens", number(name, value));
        }
      }
      case "n" -> config.put("candidateCount", number(name, value));
      case "temperature", "seed" -> config.set(name, value);
      case "top_p" -> config.set("topP", value);
      case "frequency_penalty" -> config.set("frequencyPenalty", value);
      case "presence_penalty" -> config.set("presencePenalty", value);
      case "stop" -> stop(value);
      case "tools" -> tools(value);
      case "tool_choice" -> toolChoice(value);
      case "parallel_tool_calls" -> onlyDefault(name, value.asBoolean());
      case "response_format" -> format(value);
      case "reasoning_effort" -> effort(value.asText());
      case "stream", "store", "logprobs" -> onlyDefault(name, !value.asBoolean(true));
      default -> onlyDefault(name, false);
    }
  }

  private static void onlyDefault(String name, boolean isDefault) {
    if (!isDefault) {
      throw refused(name, "has no counterpart at Gemini. Leave it out.");
    }
  }

  private static int number(String name, JsonNode value) {
    if (!value.canConvertToInt() || value.asInt() < 1) {
      throw refused(name, "is not a number of 1 or more.");
    }
    return value.asInt();
  }

  private void stop(JsonNode value) {
    List<String> sequences = ChatMessage.stops(value);
    if (!sequences.isEmpty()) {
      sequences.forEach(config.putArray("stopSequences")::add);
    }
  }

  private void tools(JsonNode tools) {
    ArrayNode functions = JSON.createArrayNode();
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      if (!"function".equals(tool.path("type").asText()) || !function.path("name").isTextual()) {
        throw refused("tools", "holds a tool that is not a function.");
      }
      ObjectNode one = functions.addObject();
      one.set("name", function.path("name"));
      if (function.hasNonNull("description")) {
        one.set("description", function.path("description"));
      }
      if (function.hasNonNull("parameters")) {
        one.set("parametersJsonSchema", function.path("parameters"));
      }
    }
    request.putArray("tools").addObject().set("functionDeclarations", functions);
  }

  private void toolChoice(JsonNode choice) {
    if (!body.hasNonNull("tools")) {
      return;
    }
    ObjectNode calling = request.putObject("toolConfig").putObject("functionCallingConfig");
    if (choice.isObject()) {
      JsonNode name = choice.path("function").path("name");
      if (!name.isTextual()) {
        throw refused("tool_choice", "names no function.");
      }
      calling.put("mode", "ANY").putArray("allowedFunctionNames").add(name);
    } else {
      calling.put(
          "mode",
          switch (choice.asText()) {
            case "auto" -> "AUTO";
            case "none" -> "NONE";
            case "required" -> "ANY";
            default -> throw refused("tool_choice", "is not auto, none, required or a function.");
          });
    }
  }

  private void format(JsonNode format) {
    switch (format.path("type").asText()) {
      case "text" -> {}
      case "json_object" -> config.put("responseMimeType", "application/json");
      case "json_schema" -> {
        JsonNode schema = format.path("json_schema").path("schema");
        if (!schema.isObject()) {
          throw refused("response_format", "holds no schema.");
        }
        config.put("responseMimeType", "application/json").set("responseJsonSchema", schema);
      }
      default -> throw refused("response_format", "is not text, json_object or json_schema.");
    }
  }

  private boolean isBeforeGemini3() {
    return body.path("model").asText().matches("(models/)?gemini-[12][.-].*");
  }

  /** Models up to 2.5 take a budget, later ones a level. */
  private void effort(String effort) {
    Integer budget = BUDGETS.get(effort);
    boolean budgeted = isBeforeGemini3();
    if (budget == null || (!budgeted && budget == 0)) {
      throw refused(
          "reasoning_effort", "is \"%s\", which this model does not take.".formatted(effort));
    }
    ObjectNode thinking = config.putObject("thinkingConfig");
    if (budgeted) {
      thinking.put("thinkingBudget", budget);
    } else {
      thinking.put("thinkingLevel", effort.toUpperCase(Locale.ROOT));
    }
  }
}

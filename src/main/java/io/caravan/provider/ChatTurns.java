package io.caravan.provider;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Translates the messages of a chat to Gemini's contents. */
public final class ChatTurns {
  private static final JsonMapper JSON = StrictJson.MAPPER;

  /** ai.google.dev/gemini-api/docs/image-understanding. */
  private static final List<String> IMAGES =
      List.of("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "image/bmp");

  /** Other types; Gemini accepts most of them and rejects the rest itself. */
  private static final List<String> FAMILIES =
      List.of("audio/", "video/", "text/", "application/pdf", "application/json");

  /**
   * Replaces the thought signature, which Gemini 3 requires, in a call that another model made
   * (ai.google.dev/gemini-api/docs/thought-signatures).
   */
  private static final String NOT_OURS = "skip_thought_signature_validator";

  private final ArrayNode contents = JSON.createArrayNode();
  private final ArrayNode system = JSON.createArrayNode();

  /** Function names by call id: Gemini's results have the name, a chat only the id. */
  private final Map<String, String> functions = new HashMap<>();

  private final boolean signed;

  private ChatTurns(boolean signed) {
    this.signed = signed;
  }

  /**
   * Writes a conversation into a request.
   *
   * @param signed whether the model rejects calls without a thought signature
   */
  public static void translate(JsonNode messages, boolean signed, ObjectNode request) {
    var turns = new ChatTurns(signed);
    messages.forEach(turns::add);
    if (turns.contents.isEmpty()) {
      throw refused("messages", "holds no message of a user or an assistant.");
    }
    request.set("contents", turns.contents);
    if (!turns.system.isEmpty()) {
      request.putObject("systemInstruction").set("parts", turns.system);
    }
  }

  private void add(JsonNode message) {
    ChatMessage.untranslatable(message)
        .ifPresent(name -> {
          throw refused(
              "messages", "holds a message with %s, which Gemini does not have.".formatted(name));
        });
    JsonNode content = message.path("content");
    switch (message.path("role").asText()) {
      case "system", "developer" -> system.addAll(parts(content, false));
      case "user" -> turn("user", parts(content, true));
      case "assistant" -> turn("model", answer(message, content));
      case "tool" -> result(message, content);
      default -> throw refused("messages", "holds a message of an unknown role.");
    }
  }

  private void turn(String role, ArrayNode parts) {
    if (parts.isEmpty()) {
      throw refused("messages", "holds a message without content.");
    }
    contents.addObject().put("role", role).set("parts", parts);
  }

  private ArrayNode answer(JsonNode message, JsonNode content) {
    ArrayNode parts = JSON.createArrayNode();
    if (!content.isNull() && !content.isMissingNode() && !content.asText("-").isEmpty()) {
      parts.addAll(parts(content, false));
    }
    boolean first = true;
    for (JsonNode call : message.path("tool_calls")) {
      JsonNode function = call.path("function");
      functions.put(call.path("id").asText(), function.path("name").asText());
      ObjectNode part = parts.addObject();
      ObjectNode made = part.putObject("functionCall");
      made.set("name", function.path("name"));
      made.set("args", object(function.path("arguments").asText(), "a tool call whose arguments"));
      sign(part, call, first);
      first = false;
    }
    return parts;
  }

  /** Of parallel calls, only the first has a signature. */
  private void sign(ObjectNode part, JsonNode call, boolean first) {
    JsonNode own = ChatMessage.signature(call);
    if (own.isTextual()) {
      part.set("thoughtSignature", own);
    } else if (first && signed) {
      part.put("thoughtSignature", NOT_OURS);
    }
  }

  /** All results of one turn go into one content. */
  private void result(JsonNode message, JsonNode content) {
    String function = functions.get(message.path("tool_call_id").asText());
    if (function == null) {
      throw refused("messages", "holds the result of a tool call that is not in it.");
    }
    JsonNode last = contents.path(contents.size() - 1);
    boolean goesOn = last.path("parts").path(0).has("functionResponse");
    ArrayNode parts =
        goesOn && last.path("parts") instanceof ArrayNode before
            ? before
            : contents.addObject().put("role", "user").putArray("parts");
    ObjectNode response = parts.addObject().putObject("functionResponse").put("name", function);
    response.set("response", resultObject(content));
  }

  /** A JSON object stays as it is; other text goes under {@code result}. */
  private static JsonNode resultObject(JsonNode content) {
    var text = new StringBuilder();
    parts(content, false).forEach(part -> text.append(part.path("text").asText()));
    try {
      JsonNode object = JSON.readTree(text.toString());
      if (object.isObject()) {
        return object;
      }
    } catch (JacksonException e) {
      // it is text
    }
    return JSON.createObjectNode().put("result", text.toString());
  }

  private static JsonNode object(String json, String what) {
    try {
      JsonNode object = JSON.readTree(json.isBlank() ? "{}" : json);
      if (object.isObject()) {
        return object;
      }
    } catch (JacksonException e) {
      // rejected below
    }
    throw refused("messages", "holds %s are not a JSON object.".formatted(what));
  }

  private static ArrayNode parts(JsonNode content, boolean user) {
    ArrayNode parts = JSON.createArrayNode();
    if (content.isTextual()) {
      parts.addObject().set("text", content);
      return parts;
    }
    for (JsonNode part : content) {
      String type = part.path("type").asText();
      if (type.equals("text") && part.path("text").isTextual()) {
        parts.addObject().set("text", part.path("text"));
      } else {
        media(parts.addObject(), ChatMessage.media(part, user));
      }
    }
    return parts;
  }

  /** Gemini fetches URLs and detects their type itself. */
  private static void media(ObjectNode part, Media media) {
    String type = media.type();
    boolean taken =
        type == null
            ? !media.inline()
            : IMAGES.contains(type) || FAMILIES.stream().anyMatch(type::startsWith);
    if (!taken) {
      throw media.notTaken("Gemini", String.join(", ", IMAGES) + ", a sound, a video, PDF, text");
    }
    if (media.inline()) {
      part.putObject("inlineData").put("mimeType", type).put("data", media.content());
      return;
    }
    ObjectNode file = part.putObject("fileData").put("fileUri", media.content());
    if (type != null) {
      file.put("mimeType", type);
    }
  }
}

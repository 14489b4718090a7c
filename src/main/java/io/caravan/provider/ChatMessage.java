package io.caravan.provider;

import static io.caravan.provider.UntranslatableException.refused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads and extends messages of OpenAI's chat format, for translations. */
public final class ChatMessage {
  private static final Set<String> TRANSLATED =
      Set.of("role", "content", "tool_calls", "tool_call_id");

  private static final String EXTRA = "extra_content";
  private static final String GOOGLE = "google";
  private static final String SIGNATURE = "thought_signature";

  private ChatMessage() {}

  /**
   * The first member that cannot be translated. Members without a value are ignored: OpenAI's
   * answers that are sent back have such members, for example {@code "annotations": []}.
   */
  public static Optional<String> untranslatable(JsonNode message) {
    return message.properties().stream()
        .filter(member -> !TRANSLATED.contains(member.getKey()) && says(member.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * Gemini's thought signature that a tool call returns from an earlier turn, at the place where
   * Google's OpenAI-compatible API has it.
   */
  static JsonNode signature(JsonNode call) {
    return call.path(EXTRA).path(GOOGLE).path(SIGNATURE);
  }

  /** Gives a tool call the thought signature that the next turn must return. */
  public static void sign(ObjectNode call, JsonNode signature) {
    call.putObject(EXTRA).putObject(GOOGLE).set(SIGNATURE, signature);
  }

  /** The media in a content part that is not text; only user messages may have media. */
  public static Media media(JsonNode part, boolean user) {
    return (user ? Media.of(part) : Optional.<Media>empty())
        .orElseThrow(() ->
            refused(
                "messages",
                "holds content of type \"%s\", which cannot be translated."
                    .formatted(part.path("type").asText())));
  }

  /** The stop sequences; empty strings are ignored. */
  public static List<String> stops(JsonNode stop) {
    List<String> sequences = new ArrayList<>();
    for (JsonNode sequence : stop.isArray() ? stop : List.of(stop)) {
      if (!sequence.isTextual() && !sequence.isNull()) {
        throw refused("stop", "holds a sequence that is not a string.");
      }
      if (sequence.isTextual() && !sequence.textValue().isEmpty()) {
        sequences.add(sequence.textValue());
      }
    }
    return sequences;
  }

  /** Adds the provider's own finish reason beside OpenAI's nearest one. */
  public static void keepReason(ObjectNode choice, String told, JsonNode details) {
    choice.put("native_finish_reason", told);
    if (details.isObject() && !details.isEmpty()) {
      choice.set("native_finish_details", details);
    }
  }

  /** Keeps parts of an answer that OpenAI's format does not have. */
  public static void keepOthers(ObjectNode message, String provider, ArrayNode parts) {
    if (!parts.isEmpty()) {
      message.putObject(EXTRA).putObject(provider).set("parts", parts);
    }
  }

  private static boolean says(JsonNode value) {
    return !value.isNull() && !(value.isContainerNode() && value.isEmpty());
  }
}

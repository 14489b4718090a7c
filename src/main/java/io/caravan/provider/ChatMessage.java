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

/** What translations have to know of a message of OpenAI's chat. */
public final class ChatMessage {
  private static final Set<String> TRANSLATED =
      Set.of("role", "content", "tool_calls", "tool_call_id");

  private static final String EXTRA = "extra_content";
  private static final String GOOGLE = "google";
  private static final String SIGNATURE = "thought_signature";

  private ChatMessage() {}

  /**
   * The first member that says something and has no counterpart elsewhere; answers of OpenAI that
   * are sent back have members without a value, such as {@code "annotations": []}.
   */
  public static Optional<String> untranslatable(JsonNode message) {
    return message.properties().stream()
        .filter(member -> !TRANSLATED.contains(member.getKey()) && says(member.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * The signature of Gemini's thoughts that a tool call brings back from an earlier turn, where
   * Google's own OpenAI interface has it.
   */
  static JsonNode signature(JsonNode call) {
    return call.path(EXTRA).path(GOOGLE).path(SIGNATURE);
  }

  /** Gives a tool call the signature that the next turn has to bring back. */
  public static void sign(ObjectNode call, JsonNode signature) {
    call.putObject(EXTRA).putObject(GOOGLE).set(SIGNATURE, signature);
  }

  /** What a part of the content is that is no text; only users may show something. */
  public static Media media(JsonNode part, boolean user) {
    return (user ? Media.of(part) : Optional.<Media>empty())
        .orElseThrow(() ->
            refused(
                "messages",
                "holds content of type \"%s\", which cannot be translated."
                    .formatted(part.path("type").asText())));
  }

  /** The sequences that end an answer; one without a character ends none. */
  public static List<String> stops(JsonNode stop) {
    List<String> sequences = new ArrayList<>();
    for (JsonNode sequence : stop.isArray() ? stop : List.of(stop)) {
      if (!sequence.isTextual() && !sequence.isNull()) {
        throw refused("stop", "holds a sequence that is no string.");
      }
      if (sequence.isTextual() && !sequence.textValue().isEmpty()) {
        sequences.add(sequence.textValue());
      }
    }
    return sequences;
  }

  /** Says beside OpenAI's nearest word why an answer ends, in the provider's own. */
  public static void keepReason(ObjectNode choice, String told, JsonNode details) {
    choice.put("native_finish_reason", told);
    if (details.isObject() && !details.isEmpty()) {
      choice.set("native_finish_details", details);
    }
  }

  /** Keeps parts of an answer for which OpenAI has no place. */
  public static void keepOthers(ObjectNode message, String provider, ArrayNode parts) {
    if (!parts.isEmpty()) {
      message.putObject(EXTRA).putObject(provider).set("parts", parts);
    }
  }

  private static boolean says(JsonNode value) {
    return !value.isNull() && !(value.isContainerNode() && value.isEmpty());
  }
}

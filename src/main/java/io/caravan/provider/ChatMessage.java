package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What translations have to know of a message of OpenAI's chat. */
final class ChatMessage {
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
  static Optional<String> untranslatable(JsonNode message) {
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
  static void sign(ObjectNode call, JsonNode signature) {
    call.putObject(EXTRA).putObject(GOOGLE).set(SIGNATURE, signature);
  }

  private static boolean says(JsonNode value) {
    return !value.isNull() && !(value.isContainerNode() && value.isEmpty());
  }
}

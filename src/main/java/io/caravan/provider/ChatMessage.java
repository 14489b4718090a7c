package io.caravan.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What translations have to know of a message of OpenAI's chat. */
final class ChatMessage {
  private static final Set<String> TRANSLATED =
      Set.of("role", "content", "tool_calls", "tool_call_id");

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

  private static boolean says(JsonNode value) {
    return !value.isNull() && !(value.isContainerNode() && value.isEmpty());
  }
}

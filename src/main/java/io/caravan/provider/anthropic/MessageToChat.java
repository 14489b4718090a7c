package io.caravan.provider.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.provider.ChatMessage;
import java.util.Set;

/** Translates one result of Anthropic to a line of OpenAI's output or error file. */
final class MessageToChat {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String REFUSAL = "refusal";

  /** Finish reasons with an exact equivalent in OpenAI's format. */
  private static final Set<String> SAME =
      Set.of("", "null", "end_turn", "stop_sequence", "max_tokens", "tool_use");

  private final long created;
  private final boolean untranslated;
  private final boolean beside;

  /**
   * For the results of one batch.
   *
   * @param created in epoch seconds, since messages have no time
   * @param untranslated whether answers stay native, as their requests did
   * @param beside whether the native answer is kept beside the translated one
   */
  MessageToChat(long created, boolean untranslated, boolean beside) {
    this.created = created;
    this.untranslated = untranslated;
    this.beside = beside;
  }

  /** The line for one result. */
  ObjectNode line(String customId, JsonNode result) {
    ObjectNode line = JSON.createObjectNode();
    line.putNull("id").put("custom_id", customId);
    switch (result.path("type").asText()) {
      case "succeeded" -> {
        JsonNode message = result.path("message");
        response(line, 200, message.path("id"))
            .set("body", untranslated ? message : completion(message));
        if (beside && !untranslated) {
          line.set("native", message);
        }
      }
      case "errored" -> {
        JsonNode error = result.path("error").path("error");
        ObjectNode told = JSON.createObjectNode();
        told.set("message", error.path("message"));
        told.set("type", error.path("type"));
        told.putNull("param").putNull("code");
        response(line, status(error.path("type").asText()), result.path("error").path("request_id"))
            .putObject("body")
            .set("error", told);
      }
      case "canceled" ->
          error(line, "batch_cancelled", "the batch was cancelled before this request was run.");
      case "expired" ->
          error(line, "batch_expired", "the batch expired before this request was run.");
      default -> error(line, "unknown_result", "the provider gave a result of an unknown type.");
    }
    return line;
  }

  private static ObjectNode response(ObjectNode line, int status, JsonNode requestId) {
    ObjectNode response = line.putObject("response").put("status_code", status);
    response.put("request_id", requestId.asText(null));
    line.putNull("error");
    return response;
  }

  private static void error(ObjectNode line, String code, String message) {
    line.putNull("response").putObject("error").put("code", code).put("message", message);
  }

  /** The HTTP status of this error outside of a batch; unknown errors are retryable (500). */
  private static int status(String type) {
    return switch (type) {
      case "invalid_request_error" -> 400;
      case "authentication_error" -> 401;
      case "billing_error" -> 402;
      case "permission_error" -> 403;
      case "not_found_error" -> 404;
      case "request_too_large" -> 413;
      case "rate_limit_error" -> 429;
      case "timeout_error" -> 504;
      case "overloaded_error" -> 529;
      default -> 500;
    };
  }

  private ObjectNode completion(JsonNode message) {
    ObjectNode completion = JSON.createObjectNode();
    completion.put("id", message.path("id").asText());
    completion.put("object", "chat.completion").put("created", created);
    completion.put("model", message.path("model").asText());
    ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
    String told = message.path("stop_reason").asText("");
    choice.set("message", answer(message, told));
    choice.putNull("logprobs").put("finish_reason", reason(told));
    if (!SAME.contains(told)) {
      ChatMessage.keepReason(choice, told, message.path("stop_details"));
    }
    completion.set("usage", usage(message.path("usage")));
    return completion;
  }

  private static ObjectNode answer(JsonNode message, String stopReason) {
    var text = new StringBuilder();
    ArrayNode calls = JSON.createArrayNode();
    ArrayNode others = JSON.createArrayNode();
    boolean said = false;
    for (JsonNode block : message.path("content")) {
      switch (block.path("type").asText()) {
        case "text" -> {
          text.append(block.path("text").asText());
          said = true;
        }
        case "tool_use" -> {
          ObjectNode call = calls.addObject().put("id", block.path("id").asText());
          call.put("type", "function")
              .putObject("function")
              .put("name", block.path("name").asText())
              .put("arguments", block.path("input").toString());
        }
        case "thinking", "redacted_thinking" -> {}
        default -> others.add(block);
      }
    }
    ObjectNode answer = JSON.createObjectNode().put("role", "assistant");
    answer.put("content", said ? text.toString() : null);
    answer.put(
        "refusal",
        stopReason.equals(REFUSAL) ? message.at("/stop_details/explanation").textValue() : null);
    if (!calls.isEmpty()) {
      answer.set("tool_calls", calls);
    }
    ChatMessage.keepOthers(answer, "anthropic", others);
    return answer;
  }

  private static String reason(String stopReason) {
    return switch (stopReason) {
      case "max_tokens", "model_context_window_exceeded" -> "length";
      case "tool_use" -> "tool_calls";
      case REFUSAL -> "content_filter";
      default -> "stop";
    };
  }

  private static ObjectNode usage(JsonNode usage) {
    long cached = usage.path("cache_read_input_tokens").asLong();
    long prompt =
        usage.path("input_tokens").asLong()
            + usage.path("cache_creation_input_tokens").asLong()
            + cached;
    long completion = usage.path("output_tokens").asLong();
    ObjectNode translated = JSON.createObjectNode().put("prompt_tokens", prompt);
    translated.put("completion_tokens", completion).put("total_tokens", prompt + completion);
    translated.putObject("prompt_tokens_details").put("cached_tokens", cached);
    return translated;
  }
}

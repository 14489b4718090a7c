package io.caravan.queue.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestId;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Shows queued requests as OpenAI's object {@code response}. */
final class ResponseObject {
  private static final String PREFIX = "resp_";

  private ResponseObject() {}

  /** The id of the response to a request. */
  static String id(QueuedRequest request) {
    return PREFIX + request.id().substring(RequestId.PREFIX.length());
  }

  /** The id of the request of a response. */
  static String requestId(String response) {
    return response.startsWith(PREFIX)
        ? RequestId.PREFIX + response.substring(PREFIX.length())
        : response;
  }

  /** Whether a request can be shown as response. */
  static boolean canShow(QueuedRequest request) {
    String endpoint = request.group().endpoint();
    return endpoint.equals(OrderReader.RESPONSES) || endpoint.equals(OrderReader.CHAT);
  }

  /** The response as it is now. */
  static ObjectNode of(QueuedRequest request) {
    return switch (request.status()) {
      case QUEUED -> frame(request, "queued");
      case SUBMITTED -> frame(request, "in_progress");
      case CANCELLED -> frame(request, "cancelled");
      case COMPLETED, FAILED, EXPIRED -> ended(request, CallAnswers.of(request));
    };
  }

  private static ObjectNode ended(QueuedRequest request, Reply reply) {
    if (!reply.isSuccess()) {
      ObjectNode failed = frame(request, "failed");
      failed
          .putObject("error")
          .put("code", code(reply.status()))
          .put(
              "message",
              reply.body().path("error").path("message").asText(reply.body().toString()));
      return failed;
    }
    if (request.group().endpoint().equals(OrderReader.RESPONSES)
        && reply.body() instanceof ObjectNode body) {
      ObjectNode response = body.deepCopy();
      response.put("id", id(request));
      response.put("background", true);
      return response;
    }
    return translated(request, reply.body());
  }

  /** OpenAI's codes for failed responses. */
  private static String code(int status) {
    if (status == 429) {
      return "rate_limit_exceeded";
    }
    return status < 500 ? "invalid_prompt" : "server_error";
  }

  /** The response in the words of a chat completion. */
  static ObjectNode translated(QueuedRequest request, JsonNode chat) {
    JsonNode choice = chat.path("choices").path(0);
    String reason =
        switch (choice.path("finish_reason").asText()) {
          case "length" -> "max_output_tokens";
          case "content_filter" -> "content_filter";
          default -> "";
        };
    String status = reason.isEmpty() ? "completed" : "incomplete";
    ObjectNode response = frame(request, status);
    if (!reason.isEmpty()) {
      response.putObject("incomplete_details").put("reason", reason);
    }
    if (chat.path("model").isTextual()) {
      response.set("model", chat.get("model"));
    }
    if (chat.hasNonNull("service_tier")) {
      response.set("service_tier", chat.get("service_tier"));
    }
    ObjectNode message = ((ArrayNode) response.get("output")).addObject();
    message.put("id", "msg_" + id(request).substring(PREFIX.length()));
    message.put("type", "message").put("status", status).put("role", "assistant");
    ArrayNode content = message.putArray("content");
    JsonNode said = choice.path("message");
    if (said.path("refusal").isTextual()) {
      content.addObject().put("type", "refusal").set("refusal", said.get("refusal"));
    } else {
      ObjectNode text = content.addObject().put("type", "output_text");
      text.put("text", said.path("content").asText(""));
      text.putArray("annotations");
      text.putArray("logprobs");
    }
    usage(chat.path("usage"), response);
    return response;
  }

  private static void usage(JsonNode usage, ObjectNode response) {
    if (usage.isObject()) {
      ObjectNode own = response.putObject("usage");
      own.put("input_tokens", usage.path("prompt_tokens").asLong());
      own.putObject("input_tokens_details")
          .put("cached_tokens", usage.path("prompt_tokens_details").path("cached_tokens").asLong());
      own.put("output_tokens", usage.path("completion_tokens").asLong());
      own.putObject("output_tokens_details")
          .put(
              "reasoning_tokens",
              usage.path("completion_tokens_details").path("reasoning_tokens").asLong());
      own.put("total_tokens", usage.path("total_tokens").asLong());
    }
  }

  /** A response without output, with every member that clients expect. */
  private static ObjectNode frame(QueuedRequest request, String status) {
    ObjectNode response = StrictJson.MAPPER.createObjectNode();
    response.put("id", id(request)).put("object", "response");
    response.put("created_at", request.acceptedAt().getEpochSecond());
    response.put("status", status).put("background", true);
    response.putNull("error").putNull("incomplete_details").putNull("instructions");
    response.putNull("max_output_tokens").put("model", request.group().model());
    response.putArray("output");
    response.put("parallel_tool_calls", true).putNull("previous_response_id");
    response.putObject("reasoning").putNull("effort").putNull("summary");
    response.put("store", true).putNull("temperature");
    response.putObject("text").putObject("format").put("type", "text");
    response.put("tool_choice", "auto").putArray("tools");
    response.putNull("top_p").put("truncation", "disabled").putNull("usage").putNull("user");
    response.set("metadata", metadata(request.metadata()));
    return response;
  }

  private static JsonNode metadata(@Nullable String metadata) {
    try {
      return StrictJson.MAPPER.readTree(metadata == null ? "{}" : metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

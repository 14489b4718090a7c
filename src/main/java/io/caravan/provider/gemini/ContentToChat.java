package io.caravan.provider.gemini;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.caravan.provider.ChatMessage;
import java.util.List;
import java.util.Set;

/** Translates one result of Gemini to a line of OpenAI's output or error file. */
final class ContentToChat {
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * The HTTP statuses of the codes of google.rpc.Code, from 0 on
   * (github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
   */
  private static final int[] HTTP = {
    200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401
  };

  /** Finish reasons with an exact equivalent in OpenAI's format. */
  private static final Set<String> SAME = Set.of("", "STOP", "MAX_TOKENS");

  /** Members of a candidate that explain its finish reason. */
  private static final List<String> DETAILS = List.of("finishMessage", "safetyRatings");

  private final String model;
  private final long created;
  private final boolean embeddings;
  private final boolean untranslated;
  private final boolean beside;

  /**
   * For the results of one batch.
   *
   * @param created in epoch seconds, since answers have no time
   * @param embeddings whether answers are embeddings
   * @param untranslated whether answers stay native, as their requests did
   * @param beside whether the native answer is kept beside the translated one
   */
  ContentToChat(
      String model, long created, boolean embeddings, boolean untranslated, boolean beside) {
    this.model = model;
    this.created = created;
    this.embeddings = embeddings;
    this.untranslated = untranslated;
    this.beside = beside;
  }

  /** The line for one result. */
  ObjectNode line(String customId, JsonNode result) {
    ObjectNode line = JSON.createObjectNode();
    line.putNull("id").put("custom_id", customId);
    JsonNode answer = result.path("response");
    if (!answer.isObject()) {
      JsonNode error = result.has("error") ? result.path("error") : result.path("status");
      response(line, status(error.path("code").asInt(13)), null)
          .set("body", error(error.path("message").asText("no answer"), error.path("status")));
    } else if (untranslated) {
      response(line, 200, answer.path("responseId").asText(null)).set("body", answer);
    } else if (embeddings
        ? !answer.at("/embedding/values").isArray()
        : answer.path("candidates").isEmpty()) {
      unanswered(line, answer);
    } else {
      response(line, 200, answer.path("responseId").asText(null))
          .set("body", embeddings ? embedding(answer) : completion(answer));
    }
    if (beside && !untranslated && answer.isObject()) {
      line.set("native", answer);
    }
    return line;
  }

  private static final String FILTER = "content_filter";

  /** A blocked prompt is rejected with 400; an answer without content is retryable (502). */
  private static void unanswered(ObjectNode line, JsonNode answer) {
    JsonNode feedback = answer.path("promptFeedback");
    String reason = feedback.path("blockReason").asText("");
    boolean blocked = !reason.isEmpty() && !reason.equals("BLOCK_REASON_UNSPECIFIED");
    String said = feedback.path("blockReasonMessage").asText("");
    String what = blocked ? "the prompt was blocked: " + reason : "the answer has no content";
    ObjectNode body =
        error(
            said.isEmpty() ? what : what + ": " + said,
            blocked ? JSON.missingNode() : TextNode.valueOf("server_error"),
            blocked ? FILTER : "no_content");
    body.withObject("/error").set("details", blocked ? feedback : answer);
    response(line, blocked ? 400 : 502, answer.path("responseId").asText(null)).set("body", body);
  }

  private static ObjectNode response(
      ObjectNode line, int status, @org.jspecify.annotations.Nullable String requestId) {
    ObjectNode response = line.putObject("response").put("status_code", status);
    response.put("request_id", requestId);
    line.putNull("error");
    return response;
  }

  private static int status(int code) {
    return code >= 100 ? code : code > 0 && code < HTTP.length ? HTTP[code] : 500;
  }

  private static ObjectNode error(String message, JsonNode type) {
    return error(message, type, null);
  }

  private static ObjectNode error(
      String message, JsonNode type, @org.jspecify.annotations.Nullable String code) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", type.asText("invalid_request_error"))
        .putNull("param")
        .put("code", code);
    return body;
  }

  private ObjectNode completion(JsonNode answer) {
    ObjectNode completion = JSON.createObjectNode();
    completion.put("id", answer.path("responseId").asText()).put("object", "chat.completion");
    completion.put("created", created).put("model", answer.path("modelVersion").asText(model));
    ArrayNode choices = completion.putArray("choices");
    for (JsonNode candidate : answer.path("candidates")) {
      choice(
          choices.addObject().put("index", candidate.path("index").asInt(choices.size() - 1)),
          candidate);
    }
    completion.set("usage", usage(answer.path("usageMetadata")));
    return completion;
  }

  private static void choice(ObjectNode choice, JsonNode candidate) {
    var text = new StringBuilder();
    ArrayNode calls = JSON.createArrayNode();
    ArrayNode images = JSON.createArrayNode();
    ArrayNode others = JSON.createArrayNode();
    boolean said = false;
    for (JsonNode part : candidate.at("/content/parts")) {
      boolean thought = part.path("thought").asBoolean();
      if (part.has("functionCall")) {
        call(calls.addObject(), calls.size(), part);
      } else if (!thought && part.has("text")) {
        text.append(part.path("text").asText());
        said = true;
      } else if (!thought && part.at("/inlineData/mimeType").asText().startsWith("image/")) {
        image(images.addObject(), images.size() - 1, part.path("inlineData"));
      } else if (!thought) {
        others.add(part);
      }
    }
    String told = candidate.path("finishReason").asText();
    String reason = reason(told, !calls.isEmpty());
    ObjectNode message = JSON.createObjectNode().put("role", "assistant");
    message.put("content", said ? text.toString() : null);
    message.put(
        "refusal", reason.equals(FILTER) ? candidate.path("finishMessage").textValue() : null);
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    if (!images.isEmpty()) {
      message.set("images", images);
    }
    ChatMessage.keepOthers(message, "google", others);
    choice.set("message", message);
    choice.putNull("logprobs").put("finish_reason", reason);
    if (!SAME.contains(told)) {
      ObjectNode details = JSON.createObjectNode();
      DETAILS.stream()
          .filter(candidate::hasNonNull)
          .forEach(name -> details.set(name, candidate.path(name)));
      ChatMessage.keepReason(choice, told, details);
    }
  }

  private static void call(ObjectNode call, int number, JsonNode part) {
    JsonNode made = part.path("functionCall");
    call.put("id", made.path("id").asText("call_" + number)).put("type", "function");
    call.putObject("function")
        .put("name", made.path("name").asText())
        .put("arguments", made.has("args") ? made.path("args").toString() : "{}");
    if (part.has("thoughtSignature")) {
      ChatMessage.sign(call, part.path("thoughtSignature"));
    }
  }

  /** The format of OpenRouter and LiteLLM; OpenAI's chat answers have no images. */
  private static void image(ObjectNode image, int index, JsonNode data) {
    image.put("type", "image_url").put("index", index);
    image
        .putObject("image_url")
        .put(
            "url",
            "data:%s;base64,%s"
                .formatted(data.path("mimeType").asText(), data.path("data").asText()));
  }

  private static String reason(String reason, boolean calls) {
    return switch (reason) {
      case "MAX_TOKENS" -> "length";
      case "SAFETY",
          "RECITATION",
          "BLOCKLIST",
          "PROHIBITED_CONTENT",
          "SPII",
          "IMAGE_SAFETY",
          "IMAGE_PROHIBITED_CONTENT",
          "IMAGE_RECITATION" ->
          FILTER;
      default -> calls ? "tool_calls" : "stop";
    };
  }

  private static ObjectNode usage(JsonNode usage) {
    long prompt =
        usage.path("promptTokenCount").asLong() + usage.path("toolUsePromptTokenCount").asLong();
    long thoughts = usage.path("thoughtsTokenCount").asLong();
    long completion = usage.path("candidatesTokenCount").asLong() + thoughts;
    ObjectNode translated = JSON.createObjectNode().put("prompt_tokens", prompt);
    translated.put("completion_tokens", completion).put("total_tokens", prompt + completion);
    translated
        .putObject("prompt_tokens_details")
        .put("cached_tokens", usage.path("cachedContentTokenCount").asLong());
    translated.putObject("completion_tokens_details").put("reasoning_tokens", thoughts);
    return translated;
  }

  private ObjectNode embedding(JsonNode answer) {
    ObjectNode list = JSON.createObjectNode().put("object", "list").put("model", model);
    ObjectNode one = list.putArray("data").addObject().put("object", "embedding").put("index", 0);
    one.set("embedding", answer.path("embedding").path("values"));
    long tokens = answer.path("tokenCount").asLong();
    list.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return list;
  }
}

package io.caravan.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.Answer.Answered;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.Optional;

/** What an upstream sent back, JSON or not. */
record UpstreamReply(int status, HttpHeaders headers, String text, Optional<ObjectNode> json) {
  private static final int EXCERPT = 200;

  static UpstreamReply of(HttpResponse<String> response) {
    return new UpstreamReply(
        response.statusCode(),
        response.headers(),
        response.body(),
        Json.tryObject(response.body()));
  }

  /** Whether another try may go better; no credit never heals, and 501 says never. */
  boolean retryable() {
    return switch (status) {
      case 408, 409 -> true;
      case 429 -> !"insufficient_quota".equals(error().path("code").asText());
      case 501, 505 -> false;
      default -> status >= 500;
    };
  }

  /** llama.cpp reads its model for minutes and says so. */
  boolean loading() {
    return status == 503 && text.contains("Loading model");
  }

  Answer toAnswer() {
    String requestId = headers.firstValue("x-request-id").orElseGet(IdKind.REQUEST::next);
    return json.map(body -> new Answered(status, requestId, body))
        .orElseGet(() -> new Answered(badStatus(), requestId, notJson()));
  }

  private JsonNode error() {
    return json.<JsonNode>map(body -> body.path("error")).orElseGet(Json.MAPPER::missingNode);
  }

  /** A page that says 200 is no success. */
  private int badStatus() {
    return status >= 200 && status < 300 ? 502 : status;
  }

  private JsonNode notJson() {
    String oneLine = text.replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ").strip();
    String excerpt = oneLine.length() <= EXCERPT ? oneLine : oneLine.substring(0, EXCERPT) + "…";
    String message =
        "The upstream answered %d with %s instead of a JSON object: %s"
            .formatted(
                status, headers.firstValue("content-type").orElse("no content type"), excerpt);
    return ApiError.server(message, "invalid_upstream_answer").toJson();
  }
}

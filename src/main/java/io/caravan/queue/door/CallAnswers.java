package io.caravan.queue.door;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Turns the answer of an ended request into that of a call. */
final class CallAnswers {
  private CallAnswers() {}

  /** The answer to a call of that endpoint. */
  static Reply of(QueuedRequest request, String endpoint) {
    Reply reply = of(request);
    if (reply.isSuccess()
        && endpoint.equals(OrderReader.RESPONSES)
        && request.group().endpoint().equals(OrderReader.CHAT)) {
      ObjectNode response = ResponseObject.translated(request, reply.body());
      return new Reply(reply.status(), response.put("background", false), 0);
    }
    return reply;
  }

  /** Status and body as the provider gave them, or an error that says why there are none. */
  static Reply of(QueuedRequest request) {
    JsonNode line = line(request.answer());
    JsonNode response = line.path("response");
    int status = response.path("status_code").asInt();
    JsonNode body = response.path("body");
    if (request.status() == RequestStatus.CANCELLED) {
      return Reply.error(
          409, "request_cancelled", "Request %s was cancelled.".formatted(request.id()), null);
    }
    if (status >= 200 && status < 600 && !body.isMissingNode()) {
      return new Reply(status, body, 0);
    }
    JsonNode error = line.path("error");
    return Reply.error(
        status(request, line),
        error.path("code").asText("no_answer"),
        "Request %s: %s".formatted(request.id(), error.path("message").asText("no answer.")),
        null);
  }

  /** A request that was refused before it was sent has the number of its line. */
  private static int status(QueuedRequest request, JsonNode line) {
    if (request.status() == RequestStatus.EXPIRED) {
      return 504;
    }
    return line.path("error").has("line") ? 400 : 502;
  }

  private static JsonNode line(@Nullable String answer) {
    try {
      return StrictJson.MAPPER.readTree(answer == null ? "{}" : answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

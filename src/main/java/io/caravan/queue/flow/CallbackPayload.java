package io.caravan.queue.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Writes the body of a callback, in the form of Standard Webhooks, as short as these demand. */
@Component
final class CallbackPayload {
  /** The longest body; a longer result is left out. */
  static final int LONGEST = 20_000;

  private final RequestView view;

  CallbackPayload(RequestView view) {
    this.view = view;
  }

  /** The body for a request that has ended; its answer is null if it is too long. */
  String of(QueuedRequest request) {
    ObjectNode data = view.whole(request);
    data.put("location", "/batch/requests/" + request.id());
    if (request.answer() == null && request.status() != RequestStatus.CANCELLED) {
      data.remove(List.of("result", "error"));
    }
    ObjectNode payload = StrictJson.MAPPER.createObjectNode();
    payload.put("type", "request." + request.status().word());
    payload.put("timestamp", Objects.requireNonNull(request.endedAt()).toString());
    payload.set("data", data);
    String body = payload.toString();
    for (List<String> large : List.of(List.of("result", "error"), List.of("metadata"))) {
      if (body.getBytes(UTF_8).length >= LONGEST) {
        data.remove(large);
        body = payload.toString();
      }
    }
    return body;
  }
}

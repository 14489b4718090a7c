package io.caravan.queue.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.Callback;
import io.caravan.queue.CallbackStatus;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.store.CallbackList;
import io.caravan.queue.store.RequestStore;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Callbacks over HTTP: which were not delivered and why, and their replay. */
@Component("callbacksHttp")
public class CallbacksHttp {
  private static final JsonMapper JSON = StrictJson.MAPPER;
  private static final Set<String> MEMBERS = Set.of("from", "to", "status");

  private final CallbackList callbacks;
  private final RequestStore requests;
  private final Clock clock;

  CallbacksHttp(CallbackList callbacks, RequestStore requests, Clock clock) {
    this.callbacks = callbacks;
    this.requests = requests;
    this.clock = clock;
  }

  /** Answers with a page of callbacks. */
  public void list(Exchange exchange) {
    String wanted = QueueHttp.parameter(exchange, "status");
    CallbackStatus only = wanted == null ? null : status(wanted);
    int limit = QueueHttp.limit(QueueHttp.parameter(exchange, "limit"));
    String after = QueueHttp.parameter(exchange, "after");
    Caller caller = QueueHttp.caller(exchange);
    List<Callback> found =
        callbacks.list(caller.sees(), only, after == null ? "" : after, limit + 1);
    ObjectNode page = JSON.createObjectNode();
    var data = page.putArray("data");
    found.stream().limit(limit).forEach(callback -> data.add(view(callback, caller.operator())));
    page.put("has_more", found.size() > limit);
    QueueHttp.answer(exchange, 200, page);
  }

  private static CallbackStatus status(String word) {
    return CallbackStatus.of(word)
        .orElseThrow(() ->
            QueueProblem.invalid(
                "invalid_value",
                "status must be one of pending, failed, delivered, exhausted, disabled.",
                "status"));
  }

  private static ObjectNode view(Callback callback, boolean named) {
    ObjectNode view = JSON.createObjectNode();
    view.put("id", callback.id()).put("request_id", callback.requestId());
    if (named) {
      view.put("client", callback.endpoint().client());
    }
    view.put("url", callback.endpoint().url()).put("status", callback.status().word());
    view.put("attempts", callback.tries()).put("created_at", callback.createdAt().toString());
    put(view, "next_attempt_at", callback.dueAt());
    put(view, "last_attempt_at", callback.triedAt());
    put(view, "ended_at", callback.endedAt());
    view.put("status_code", callback.answer()).put("problem", callback.problem());
    Callback.Health health = callback.health();
    if (health == null) {
      view.putNull("receiver");
    } else {
      ObjectNode receiver = view.putObject("receiver").put("failures", health.failures());
      put(receiver, "paused_until", health.pausedUntil());
      put(receiver, "disabled_at", health.disabledAt());
    }
    return view;
  }

  private static void put(ObjectNode view, String name, @Nullable Instant time) {
    view.put(name, time == null ? null : time.toString());
  }

  /** Sends a callback again, regardless of its status. */
  public void replay(@Header("id") String id, Exchange exchange) {
    Caller caller = QueueHttp.caller(exchange);
    Callback callback =
        callbacks
            .find(id)
            .filter(it -> caller.maySee(it.endpoint().client()))
            .orElseThrow(() ->
                QueueProblem.of(
                    404, "callback_not_found", "There is no callback %s.".formatted(id)));
    if (requests.find(callback.requestId(), 0).isEmpty()) {
      throw QueueProblem.of(
          409,
          "request_deleted",
          "Request %s was deleted after the retention time, so its callback cannot be sent again."
              .formatted(callback.requestId()));
    }
    callbacks.replay(id);
    QueueHttp.answer(exchange, 202, view(callbacks.find(id).orElse(callback), caller.operator()));
  }

  /** Sends callbacks again that were created in a range of time. */
  public void replayRange(Exchange exchange) throws IOException {
    ObjectNode order = order(exchange);
    Instant from = time(order, "from");
    if (from == null) {
      throw QueueProblem.invalid(
          "missing_required_parameter", "from is missing, such as 2027-01-31T06:00:00Z.", "from");
    }
    Instant to = time(order, "to");
    long replayed =
        callbacks.replay(
            QueueHttp.caller(exchange).sees(),
            from,
            to == null ? clock.instant().plusMillis(1) : to,
            statuses(order.path("status")));
    QueueHttp.answer(exchange, 202, JSON.createObjectNode().put("replayed", replayed));
  }

  /** Those that were not delivered, unless another status is named. */
  private static Collection<CallbackStatus> statuses(JsonNode status) {
    return status.isMissingNode() || status.isNull()
        ? EnumSet.complementOf(EnumSet.of(CallbackStatus.DELIVERED))
        : EnumSet.of(status(status.asText()));
  }

  private static @Nullable Instant time(ObjectNode order, String name) {
    JsonNode time = order.path(name);
    try {
      return time.isMissingNode() || time.isNull() ? null : Instant.parse(time.asText());
    } catch (DateTimeException e) {
      throw QueueProblem.invalid(
          "invalid_value", "%s must be a time such as 2027-01-31T06:00:00Z.".formatted(name), name);
    }
  }

  private static ObjectNode order(Exchange exchange) throws IOException {
    ObjectNode order = QueueHttp.body(exchange);
    order
        .fieldNames()
        .forEachRemaining(name -> {
          if (!MEMBERS.contains(name)) {
            throw QueueProblem.invalid("unknown_parameter", "Use from, to and status.", name);
          }
        });
    return order;
  }
}

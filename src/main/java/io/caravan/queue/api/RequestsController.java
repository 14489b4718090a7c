package io.caravan.queue.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.flow.RequestView;
import io.caravan.queue.store.RequestStore;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** One queued request over HTTP: its answer, and its cancellation. */
@RestController("queueRequestsController")
@RequestMapping(Problems.PATH + "/requests/{id}")
class RequestsController {
  private static final int SECONDS = 5;

  private final RequestStore store;
  private final RequestView view;

  RequestsController(RequestStore store, RequestView view) {
    this.store = store;
    this.view = view;
  }

  @GetMapping
  ResponseEntity<byte[]> get(@PathVariable("id") String id, HttpServletRequest call) {
    var request = Caller.of(call).require(store.find(id).orElse(null), id);
    return answer(request);
  }

  /** Sets an ETag, by which Spring answers 304. */
  private ResponseEntity<byte[]> answer(QueuedRequest request) {
    ObjectNode shown = view.whole(request);
    var answer =
        ResponseEntity.ok()
            .eTag(
                "\"%s-%s-%s\""
                    .formatted(
                        request.status().word(),
                        shown.path("batch_id").asText(),
                        shown.path("ended_at").asText()))
            .contentType(MediaType.APPLICATION_JSON);
    return (request.status().terminal() ? answer : answer.header("Retry-After", "" + SECONDS))
        .body(shown.toString().getBytes(StandardCharsets.UTF_8));
  }

  @DeleteMapping
  ResponseEntity<byte[]> cancel(@PathVariable("id") String id, HttpServletRequest call) {
    var before = Caller.of(call).require(store.find(id).orElse(null), id);
    if (before.status().terminal()) {
      throw QueueProblem.of(
          409,
          "request_ended",
          "Request %s is %s and cannot be cancelled.".formatted(id, before.status().word()));
    }
    return answer(store.cancel(id).orElse(before));
  }
}

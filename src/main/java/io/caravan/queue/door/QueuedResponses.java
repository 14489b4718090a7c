package io.caravan.queue.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.RequestStatus;
import io.caravan.queue.store.RequestStore;
import io.caravan.server.backend.BackgroundResponses;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.dao.DataAccessException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** OpenAI's responses that run in the background: queued requests under another name. */
@RestController
@RequestMapping(OrderReader.RESPONSES + "/{id}")
@ConditionalOnProperty(name = "caravan.server.enabled", havingValue = "true")
class QueuedResponses implements BackgroundResponses {
  private final OrderReader reader;
  private final Orders orders;
  private final RequestStore store;

  QueuedResponses(OrderReader reader, Orders orders, RequestStore store) {
    this.reader = reader;
    this.orders = orders;
    this.store = store;
  }

  @Override
  public ResponseEntity<byte[]> create(HttpServletRequest call, ObjectNode body)
      throws IOException {
    try {
      Order order = reader.read(call, OrderReader.RESPONSES, body);
      if (order.streaming() != Order.Streaming.NONE) {
        throw QueueProblem.invalid(
            "unsupported_value",
            "A response in the background does not stream. Leave out stream, or use the header Caravan-Deadline instead of background.",
            "stream");
      }
      return json(ResponseObject.of(orders.queue(order)));
    } catch (QueueProblem e) {
      return Reply.of(e);
    } catch (DataAccessException e) {
      return Reply.of(QueueProblem.notStored(e));
    }
  }

  @GetMapping
  ResponseEntity<byte[]> get(@PathVariable("id") String id, HttpServletRequest call) {
    return answer(() -> json(ResponseObject.of(find(id, call))));
  }

  @PostMapping("/cancel")
  ResponseEntity<byte[]> cancel(@PathVariable("id") String id, HttpServletRequest call) {
    return answer(() -> {
      QueuedRequest request = find(id, call);
      QueuedRequest now = store.cancel(request.id()).orElse(request);
      if (now.status() != RequestStatus.CANCELLED) {
        throw QueueProblem.invalid(
            "response_ended",
            "Response %s is %s and cannot be cancelled.".formatted(id, now.status().word()),
            null);
      }
      return json(ResponseObject.of(now));
    });
  }

  @DeleteMapping
  ResponseEntity<byte[]> delete(@PathVariable("id") String id, HttpServletRequest call) {
    return answer(() -> {
      store.delete(find(id, call).id());
      return json(
          StrictJson.MAPPER
              .createObjectNode()
              .put("id", id)
              .put("object", "response")
              .put("deleted", true));
    });
  }

  private QueuedRequest find(String id, HttpServletRequest call) {
    String client = Objects.requireNonNullElse(call.getRemoteUser(), "");
    return store
        .find(ResponseObject.requestId(id))
        .filter(it -> it.group().client().equals(client))
        .filter(ResponseObject::canShow)
        .orElseThrow(() ->
            QueueProblem.of(
                404, "response_not_found", "Response with id '%s' not found.".formatted(id)));
  }

  private static ResponseEntity<byte[]> answer(Supplier<ResponseEntity<byte[]>> step) {
    try {
      return step.get();
    } catch (QueueProblem e) {
      return Reply.of(e);
    } catch (DataAccessException e) {
      return Reply.of(
          QueueProblem.later(
              503, "store_unavailable", "The store is not available. Try again later.", 5));
    }
  }

  private static ResponseEntity<byte[]> json(ObjectNode body) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(body.toString().getBytes(UTF_8));
  }
}

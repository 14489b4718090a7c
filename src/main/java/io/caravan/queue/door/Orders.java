package io.caravan.queue.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.caravan.jsonl.StrictJson;
import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.flow.QueueAdd;
import io.caravan.queue.flow.RequestReader;
import io.caravan.queue.store.Added;
import io.caravan.queue.store.RequestStore;
import java.io.IOException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Queues the requests of calls. */
@Component("doorOrders")
class Orders {
  private final RequestReader reader;
  private final QueueAdd queue;
  private final RequestStore store;

  Orders(RequestReader reader, QueueAdd queue, RequestStore store) {
    this.reader = reader;
    this.queue = queue;
    this.store = store;
  }

  /** The request of an earlier call with the same key; fails if that had another payload. */
  Optional<QueuedRequest> earlier(Order order) {
    if (order.key() == null) {
      return Optional.empty();
    }
    return store
        .usedBefore(order.key())
        .map(used ->
            switch (used) {
              case Added.Repeated(String receipt) -> find(id(receipt));
              case Added.Queued queued -> throw new IllegalStateException("nothing was added");
              case Added.CustomIdInUse inUse -> throw QueueAdd.keyInUse();
              case Added.KeyInUse inUse -> throw QueueAdd.keyInUse();
            });
  }

  /** Queues the request, unless an earlier call did. */
  QueuedRequest queue(Order order) throws IOException {
    Optional<QueuedRequest> earlier = earlier(order);
    if (earlier.isPresent()) {
      return earlier.get();
    }
    return find(queue.add(reader.read(order.request(), order.client()), order.key()).id());
  }

  private QueuedRequest find(String id) {
    return store
        .find(id)
        .orElseThrow(() ->
            QueueProblem.of(
                410,
                "answer_deleted",
                "The answer of request %s was deleted. Use another Idempotency-Key to queue the request again."
                    .formatted(id)));
  }

  private static String id(String receipt) {
    try {
      return StrictJson.MAPPER.readTree(receipt).path("id").asText();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored receipt is not JSON", e);
    }
  }
}

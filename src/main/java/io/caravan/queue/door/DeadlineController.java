package io.caravan.queue.door;

import io.caravan.queue.QueueProblem;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.store.RequestStore;
import io.caravan.queue.wait.EventOutput;
import io.caravan.queue.wait.EventOutputs;
import io.caravan.queue.wait.HeldCall;
import io.caravan.queue.wait.Waited;
import io.caravan.queue.wait.Waiters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.dao.DataAccessException;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * OpenAI's paths with the header {@code Caravan-Deadline}: the request is queued, and the call is
 * held until its batch has ended.
 */
@RestController
@ConditionalOnProperty(name = "caravan.server.enabled", havingValue = "true")
class DeadlineController {
  private static final int SECONDS = 5;

  private final OrderReader reader;
  private final Orders orders;
  private final RequestStore store;
  private final Waiters waiters;
  private final EventOutputs outputs;
  private final HeldKeys keys;
  private final Clock clock;

  DeadlineController(
      OrderReader reader,
      Orders orders,
      RequestStore store,
      Waiters waiters,
      EventOutputs outputs,
      HeldKeys keys,
      Clock clock) {
    this.reader = reader;
    this.orders = orders;
    this.store = store;
    this.waiters = waiters;
    this.outputs = outputs;
    this.keys = keys;
    this.clock = clock;
  }

  @PostMapping(
      path = {
        OrderReader.CHAT,
        OrderReader.RESPONSES,
        "/v1/embeddings",
        "/v1/completions",
        "/v1/moderations"
      },
      headers = OrderReader.DEADLINE)
  @Nullable DeferredResult<ResponseEntity<byte[]>> hold(
      HttpServletRequest call, HttpServletResponse response) throws IOException {
    var held = new HeldCall(call);
    try {
      Order order = reader.read(call, call.getServletPath(), reader.body(call));
      orders.earlier(order); // another payload is a mistake even while the first call is held
      return order.streaming() == Order.Streaming.NONE
          ? hold(order, held)
          : stream(order, call, response);
    } catch (QueueProblem e) {
      held.answer(Reply.of(e));
    } catch (DataAccessException e) {
      held.answer(Reply.of(QueueProblem.notStored(e)));
    }
    return held.result();
  }

  private DeferredResult<ResponseEntity<byte[]>> hold(Order order, HeldCall held)
      throws IOException {
    BooleanSupplier connected = held::isOpen;
    QueuedRequest request = queue(order, connected);
    boolean hasKey = order.key() != null;
    await(order, request, connected, reply -> held.answer(reply.of(request.id(), hasKey)));
    return held.result();
  }

  /** From the first byte on, the status is 200; failures are events. */
  private @Nullable DeferredResult<ResponseEntity<byte[]>> stream(
      Order order, HttpServletRequest call, HttpServletResponse response) throws IOException {
    var streamed = new StreamedCall();
    BooleanSupplier connected = streamed::isOpen;
    QueuedRequest request = queue(order, connected);
    response.setHeader(Reply.REQUEST, request.id());
    EventOutput output = outputs.open(call, response);
    streamed.output = output;
    if (order.endpoint().equals(OrderReader.RESPONSES)) {
      output.send(StreamFormat.created(request));
    }
    await(order, request, connected, reply -> output.end(StreamFormat.of(order, reply)));
    return null;
  }

  /** A call whose answer may have begun. */
  private static final class StreamedCall {
    private volatile @Nullable EventOutput output;

    boolean isOpen() {
      EventOutput begun = output;
      return begun == null || begun.isOpen();
    }
  }

  private void await(
      Order order, QueuedRequest request, BooleanSupplier connected, Consumer<Reply> answer) {
    Duration left = Duration.between(clock.instant(), Objects.requireNonNull(order.until()));
    waiters.await(
        request.id(),
        null,
        left,
        connected,
        waited -> {
          if (order.key() != null) {
            keys.free(order.key(), connected);
          }
          answer.accept(reply(order, request.id(), waited));
        });
  }

  private Reply reply(Order order, String id, Waited waited) {
    if (waited == Waited.STOPPED) {
      return Reply.later(503, "stopping", "Caravan is stopping. " + keeps(id), SECONDS);
    }
    try {
      Optional<QueuedRequest> now = store.find(id);
      if (now.isEmpty()) {
        return Reply.error(410, "answer_deleted", "Request %s was deleted.".formatted(id), null);
      }
      return now.get().status().terminal()
          ? CallAnswers.of(now.get(), order.endpoint())
          : Reply.error(
              504,
              "deadline_exceeded",
              "Request %s has no answer at its deadline. %s".formatted(id, keeps(id)),
              null);
    } catch (DataAccessException e) {
      return Reply.later(
          503, "store_unavailable", "The store is not available. " + keeps(id), SECONDS);
    }
  }

  private static String keeps(String id) {
    return "The request keeps its place: to get its answer later, repeat the call with the same Idempotency-Key, or call GET /batch/requests/%s."
        .formatted(id);
  }

  private QueuedRequest queue(Order order, BooleanSupplier connected) throws IOException {
    if (order.key() == null) {
      return orders.queue(order);
    }
    keys.hold(order.key(), connected);
    try {
      return orders.queue(order);
    } catch (RuntimeException | IOException e) {
      keys.free(order.key(), connected);
      throw e;
    }
  }
}

package io.caravan.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravan.server.Answer.Answered;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs single requests, and counts them. */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final Router router;
  private final MeterRegistry meters;
  private final AtomicInteger inFlight;

  Dispatcher(Router router, MeterRegistry meters) {
    this.router = router;
    this.meters = meters;
    this.inFlight = new AtomicInteger();
    meters.gauge("caravan.server.inflight", inFlight);
  }

  Backend backendFor(Endpoint endpoint, ObjectNode body) {
    return router.backendFor(endpoint, body);
  }

  /** Runs a request whose caller holds a permit of the backend's lane. */
  Answer run(Backend backend, Endpoint endpoint, ObjectNode body) throws InterruptedException {
    inFlight.incrementAndGet();
    try {
      Answer answer = answer(backend, endpoint, body);
      String outcome = answer.succeeded() ? "succeeded" : "failed";
      meters
          .counter("caravan.server.requests", "endpoint", endpoint.path(), "outcome", outcome)
          .increment();
      return answer;
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private static Answer answer(Backend backend, Endpoint endpoint, ObjectNode body)
      throws InterruptedException {
    try {
      return backend.answer(endpoint, body);
    } catch (RuntimeException e) {
      log.error("A request to {} broke the server", endpoint.path(), e);
      ApiError error = ApiError.server("The server had an error; its log says more.", null);
      return new Answered(500, IdKind.REQUEST.next(), error.toJson());
    }
  }
}

package io.caravan.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs single requests, and counts them. */
final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final Lanes lanes;
  private final MeterRegistry meters;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Map<Outcome, Counter> counters = new ConcurrentHashMap<>();

  Dispatcher(Lanes lanes, MeterRegistry meters) {
    this.lanes = lanes;
    this.meters = meters;
    meters.gauge("caravan.server.inflight", inFlight);
  }

  /** Those of the backends that may answer. */
  List<Lane> lanes(Endpoint endpoint, @Nullable String model) {
    return lanes.of(endpoint, model == null ? "" : model);
  }

  Answer run(Backend backend, Endpoint endpoint, JsonBytes body, Call call)
      throws InterruptedException {
    inFlight.incrementAndGet();
    try {
      Answer answer = answer(backend, endpoint, body, call);
      counters
          .computeIfAbsent(new Outcome(endpoint, answer.succeeded()), this::counter)
          .increment();
      return answer;
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private Counter counter(Outcome outcome) {
    return meters.counter(
        "caravan.server.requests",
        "endpoint",
        outcome.endpoint.path(),
        "outcome",
        outcome.succeeded ? "succeeded" : "failed");
  }

  private static Answer answer(Backend backend, Endpoint endpoint, JsonBytes body, Call call)
      throws InterruptedException {
    try {
      return backend.answer(endpoint, body, call);
    } catch (RuntimeException e) {
      log.error("A request to {} broke the server", endpoint.path(), e);
      return Answer.refused(
          new ApiException(
              500, ApiError.server("The server had an error; its log says more.", null)));
    }
  }

  private record Outcome(Endpoint endpoint, boolean succeeded) {}
}

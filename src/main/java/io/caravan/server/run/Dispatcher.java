package io.caravan.server.run;

import io.caravan.call.Call;
import io.caravan.server.backend.Backend;
import io.caravan.server.backend.BackendAnswer;
import io.caravan.server.backend.FailureReason;
import io.caravan.server.wire.ApiError;
import io.caravan.server.wire.ApiException;
import io.caravan.server.wire.Endpoint;
import io.caravan.server.wire.JsonBytes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs single requests on backends, with metrics. */
public final class Dispatcher {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  private final BackendQueues lanes;
  private final MeterRegistry meters;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Map<Outcome, Counter> counters = new ConcurrentHashMap<>();

  public Dispatcher(BackendQueues lanes, MeterRegistry meters) {
    this.lanes = lanes;
    this.meters = meters;
    meters.gauge("caravan.server.inflight", inFlight);
  }

  /** The queues of the backends that may answer. */
  List<BackendQueue> lanes(Endpoint endpoint, @Nullable String model) {
    return lanes.of(endpoint, model == null ? "" : model);
  }

  /** Completes as {@link Backend#answer} does. */
  CompletableFuture<BackendAnswer> run(
      Backend backend, Endpoint endpoint, JsonBytes body, Call call) {
    inFlight.incrementAndGet();
    return begin(backend, endpoint, body, call)
        .handle((answer, problem) -> {
          inFlight.decrementAndGet();
          BackendAnswer told = problem == null ? answer : broken(endpoint, problem);
          counters
              .computeIfAbsent(new Outcome(endpoint, told.succeeded()), this::counter)
              .increment();
          return told;
        });
  }

  private Counter counter(Outcome outcome) {
    return meters.counter(
        "caravan.server.requests",
        "endpoint",
        outcome.endpoint.path(),
        "outcome",
        outcome.succeeded ? "succeeded" : "failed");
  }

  private static CompletableFuture<BackendAnswer> begin(
      Backend backend, Endpoint endpoint, JsonBytes body, Call call) {
    try {
      return backend.answer(endpoint, body, call);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static BackendAnswer broken(Endpoint endpoint, Throwable problem) {
    return switch (FailureReason.cause(problem)) {
      case CancellationException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> {
        log.error("Unexpected error in a request to {}", endpoint.path(), e);
        yield BackendAnswer.refused(
            new ApiException(
                500, ApiError.server("The server had an internal error; see its log.", null)));
      }
    };
  }

  private record Outcome(Endpoint endpoint, boolean succeeded) {}
}

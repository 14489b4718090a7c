package io.caravan.queue.flow;

import io.caravan.queue.CallbackStatus;
import io.caravan.queue.store.CallbackList;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.EnumSet;
import org.springframework.stereotype.Component;

/** Metrics of callbacks: attempts by outcome, and callbacks that are not delivered yet. */
@Component
class CallbackMetrics implements MeterBinder {
  private final CallbackList callbacks;
  private final MeterRegistry registry;

  CallbackMetrics(CallbackList callbacks, MeterRegistry registry) {
    this.callbacks = callbacks;
    this.registry = registry;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    EnumSet.complementOf(EnumSet.of(CallbackStatus.PENDING))
        .forEach(outcome -> counter(meters, outcome));
    Gauge.builder("caravan.callbacks.pending", callbacks::due)
        .description("Callbacks that are not delivered and will be sent, or sent again")
        .register(meters);
  }

  /** Counts callbacks. */
  void count(CallbackStatus outcome, long callbacks) {
    counter(registry, outcome).increment((double) callbacks);
  }

  private static Counter counter(MeterRegistry meters, CallbackStatus outcome) {
    return Counter.builder("caravan.callbacks")
        .description("Attempts to deliver callbacks, by outcome")
        .tag("outcome", outcome.word())
        .register(meters);
  }
}

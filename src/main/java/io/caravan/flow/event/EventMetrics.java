package io.caravan.flow.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** Metrics of events: how many arrived, by provider and outcome. */
@Component
class EventMetrics implements MeterBinder {
  private final MeterRegistry registry;

  EventMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The outcome of an event. */
  enum Outcome {
    /** A batch is polled at once. */
    ACCEPTED,
    REPEATED,
    /** No part waits for the batch, or the event is about something else. */
    UNKNOWN,
    REJECTED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    for (String dialect : List.of("openai", "gemini")) {
      for (Outcome outcome : Outcome.values()) {
        counter(meters, dialect, outcome);
      }
    }
  }

  void count(String dialect, Outcome outcome) {
    counter(registry, dialect, outcome).increment();
  }

  private static Counter counter(MeterRegistry meters, String dialect, Outcome outcome) {
    return Counter.builder("caravan.webhook.events")
        .description("Events that providers sent about batches, by outcome")
        .tag("provider", dialect)
        .tag("outcome", outcome.word())
        .register(meters);
  }
}

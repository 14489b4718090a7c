package io.caravan.call;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The metrics of one upstream: calls, response times, retries and concurrency. */
final class UpstreamMetrics {
  private final MeterRegistry meters;
  private final Tags tags;
  private final Map<String, Timer> calls = new ConcurrentHashMap<>();
  private final Map<String, Counter> retries = new ConcurrentHashMap<>();

  UpstreamMetrics(String name, MeterRegistry meters, UpstreamTries tries, AdaptiveLimit limit) {
    this.meters = meters;
    this.tags = Tags.of("upstream", name);
    Gauge.builder("caravan.upstream.inflight", tries.onTheirWay(), AtomicInteger::get)
        .description("Requests in flight to the upstream")
        .tags(tags)
        .register(meters);
    Gauge.builder("caravan.upstream.waiting", tries.waiting(), AtomicInteger::get)
        .description("Requests that wait for a retry at the upstream")
        .tags(tags)
        .register(meters);
    Gauge.builder("caravan.upstream.concurrency", limit, AdaptiveLimit::current)
        .description("Current adaptive limit of concurrent requests to the upstream")
        .tags(tags)
        .register(meters);
  }

  void answered(int status, Duration time) {
    record(status / 100 + "xx", time);
  }

  void broken(Duration time) {
    record("none", time);
  }

  void retried(String reason) {
    retries
        .computeIfAbsent(
            reason, value -> meters.counter("caravan.upstream.retries", tags.and("reason", value)))
        .increment();
  }

  private void record(String status, Duration time) {
    calls
        .computeIfAbsent(
            status, value -> meters.timer("caravan.upstream.calls", tags.and("status", value)))
        .record(time);
  }
}

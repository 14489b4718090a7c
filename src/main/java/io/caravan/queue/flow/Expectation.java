package io.caravan.queue.flow;

import io.caravan.provider.Provider;
import io.caravan.provider.Providers;
import io.caravan.queue.Queue;
import io.caravan.queue.QueuedRequest;
import io.caravan.queue.store.QueueJobs;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * When requests will probably have their answers: after the longest wait of their queue and the
 * mean time of the last jobs at their provider, or else its completion window.
 */
@Component
public class Expectation {
  private static final int JOBS = 20;

  private final Queues queues;
  private final QueueJobs jobs;
  private final Providers providers;
  private final Clock clock;

  Expectation(Queues queues, QueueJobs jobs, Providers providers, Clock clock) {
    this.queues = queues;
    this.jobs = jobs;
    this.providers = providers;
    this.clock = clock;
  }

  /** When a request that has not ended will probably have its answer; never in the past. */
  public Instant of(QueuedRequest request) {
    String provider = request.group().provider();
    Duration turnaround = jobs.turnaround(provider, JOBS).orElseGet(() -> window(provider));
    Instant sent =
        request.jobId() == null
            ? request
                .acceptedAt()
                .plus(
                    queues.get(request.group().queue()).map(Queue::getMaxAge).orElse(Duration.ZERO))
            : jobs.find(request.jobId()).map(it -> it.createdAt()).orElse(request.acceptedAt());
    Instant expected = sent.plus(turnaround);
    Instant now = clock.instant();
    return expected.isBefore(now) ? now : expected;
  }

  private Duration window(String provider) {
    Provider known = providers.providers().get(provider);
    return Duration.ofHours(known == null ? 24 : known.quirks().hours());
  }
}

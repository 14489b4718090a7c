package io.caravan.flow.step;

import io.caravan.flow.Backoff;
import io.caravan.flow.FlowProperties;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** How often batches are polled: less often while their provider reports them by webhooks. */
@Component
public class PollPace {
  /** A provider whose last event is older is polled as often as one without webhooks. */
  private static final Duration RECENT = Duration.ofDays(1);

  private final Backoff usual;
  private final Backoff withWebhooks;
  private final Clock clock;

  /** The last event about a batch of ours, by provider. */
  private final Map<String, Instant> heard = new ConcurrentHashMap<>();

  PollPace(FlowProperties.Poll poll, Clock clock) {
    this.usual = poll.backoff();
    this.withWebhooks = poll.backoffWithWebhooks();
    this.clock = clock;
  }

  /** Notes that a provider has reported one of our batches. */
  void heard(String provider) {
    heard.put(provider, clock.instant());
  }

  /** The waits between the polls of a provider's batches. */
  public Backoff of(String provider) {
    return reports(provider) ? withWebhooks : usual;
  }

  private boolean reports(String provider) {
    Instant last = heard.get(provider);
    return last != null && !last.plus(RECENT).isBefore(clock.instant());
  }

  /** The longest of the waits in use. */
  public Backoff slowest() {
    return withWebhooks.max().compareTo(usual.max()) > 0
            && heard.keySet().stream().anyMatch(this::reports)
        ? withWebhooks
        : usual;
  }
}

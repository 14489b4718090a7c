package io.caravan.flow.call;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code provider}: the outcome of the last call to each provider. */
@Component("providerHealthIndicator")
public class ProviderContacts extends AbstractHealthIndicator {
  private static final int TIMEOUTS = 3;
  private static final Duration TIMEOUTS_WITHIN = Duration.ofMinutes(10);

  /** A call older than this suggests that the provider hangs. */
  private static final Duration OLD = Duration.ofMinutes(1);

  private final Map<String, Deque<Instant>> timeouts = new ConcurrentHashMap<>();
  private final Map<String, Contact> last = new ConcurrentHashMap<>();
  private final Clock clock;
  private final Pauses pauses;
  private final Function<Duration, Optional<String>> callsOlderThan;

  @Autowired
  public ProviderContacts(Clock clock, Pauses pauses, ProviderCalls calls) {
    this(clock, pauses, calls::olderThan);
  }

  public ProviderContacts(
      Clock clock, Pauses pauses, Function<Duration, Optional<String>> callsOlderThan) {
    super("the providers cannot be checked");
    this.callsOlderThan = callsOlderThan;
    this.pauses = pauses;
    this.clock = clock;
  }

  public void good(String provider) {
    pauses.resume(provider);
    last.put(provider, new Contact(clock.instant(), null));
  }

  /** Notes a timed-out call; after several, the provider is paused. */
  public void timedOut(String provider, String problem) {
    Instant now = clock.instant();
    Deque<Instant> times =
        timeouts.computeIfAbsent(provider, name -> new ConcurrentLinkedDeque<>());
    times.addLast(now);
    times.removeIf(time -> time.isBefore(now.minus(TIMEOUTS_WITHIN)));
    if (times.size() >= TIMEOUTS) {
      times.clear();
      pauses.pause(provider, "several calls timed out. The last one: " + problem);
    }
  }

  public void note(String provider, @Nullable String problem) {
    last.put(provider, new Contact(clock.instant(), problem));
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    health.up();
    last.forEach((provider, contact) -> {
      if (contact.problem() != null) {
        health.down();
      }
      health.withDetail(provider, contact.toString());
    });
    callsOlderThan.apply(OLD).ifPresent(call -> health.down().withDetail("oldest call", call));
  }

  private record Contact(Instant at, @Nullable String problem) {
    @Override
    public String toString() {
      return (problem == null ? "answered" : problem) + " at " + at;
    }
  }
}

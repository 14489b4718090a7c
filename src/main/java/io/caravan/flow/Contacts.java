package io.caravan.flow;

import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** How the last call to each provider went; the health component {@code provider}. */
@Component("providerHealthIndicator")
public class Contacts extends AbstractHealthIndicator {
  private final Map<String, Contact> last = new ConcurrentHashMap<>();
  private final Clock clock;
  private final Pauses pauses;

  Contacts(Clock clock, Pauses pauses) {
    super("providers cannot be told");
    this.pauses = pauses;
    this.clock = clock;
  }

  void good(String provider) {
    pauses.resume(provider);
    last.put(provider, new Contact(clock.instant(), null));
  }

  void note(String provider, @Nullable String problem) {
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
  }

  private record Contact(Instant at, @Nullable String problem) {
    @Override
    public String toString() {
      return (problem == null ? "answered" : problem) + " at " + at;
    }
  }
}

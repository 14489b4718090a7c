package io.caravan.flow.inbox;

import java.util.Map;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** The health component {@code inboxes}: down while an inbox cannot be read. */
@Component("inboxesHealthIndicator")
class InboxesHealth extends AbstractHealthIndicator {
  private final InboxStates states;

  InboxesHealth(InboxStates states) {
    super("the inboxes cannot be checked");
    this.states = states;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    Map<String, String> outages = states.outages();
    health.status(outages.isEmpty() ? "UP" : "DOWN").withDetails(outages);
  }
}

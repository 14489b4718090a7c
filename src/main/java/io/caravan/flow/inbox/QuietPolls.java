package io.caravan.flow.inbox;

import io.caravan.flow.Pipelines;
import io.caravan.flow.Reasons;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Poll strategy and exception handler for polling consumers that logs an outage once, not at each
 * poll or message.
 */
@Component("quietPolls")
class QuietPolls implements PollingConsumerPollStrategy, ExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(QuietPolls.class);

  private static final Duration OUTAGE = Duration.ofMinutes(1);

  private final InboxStates states;
  private final Clock clock;

  QuietPolls(InboxStates states, Clock clock) {
    this.states = states;
    this.clock = clock;
  }

  @Override
  public boolean begin(Consumer consumer, Endpoint endpoint) {
    return true;
  }

  @Override
  public void commit(Consumer consumer, Endpoint endpoint, int polledMessages) {
    states.well(name(consumer));
  }

  @Override
  public boolean rollback(Consumer consumer, Endpoint endpoint, int retryCounter, Exception cause) {
    states.outage(name(consumer), cause);
    return false;
  }

  /** Named apart from the messages, whose state may differ. */
  private static String name(Consumer consumer) {
    Route route = consumer instanceof DefaultConsumer known ? known.getRoute() : null;
    String scheme = consumer.getEndpoint().getEndpointUri().replaceFirst(":.*", "");
    return "%s (%s)".formatted(route == null ? "?" : Pipelines.ofRoute(route.getRouteId()), scheme);
  }

  /** The same for a consumer with a strategy of its own, such as one that disconnects. */
  PollingConsumerPollStrategy around(PollingConsumerPollStrategy own) {
    return new PollingConsumerPollStrategy() {
      @Override
      public boolean begin(Consumer consumer, Endpoint endpoint) {
        return own.begin(consumer, endpoint);
      }

      @Override
      public void commit(Consumer consumer, Endpoint endpoint, int polledMessages) {
        own.commit(consumer, endpoint, polledMessages);
        QuietPolls.this.commit(consumer, endpoint, polledMessages);
      }

      @Override
      public boolean rollback(Consumer consumer, Endpoint endpoint, int tries, Exception cause)
          throws Exception {
        QuietPolls.this.rollback(consumer, endpoint, tries, cause);
        return own.rollback(consumer, endpoint, tries, cause);
      }
    };
  }

  /** An exception handler that also logs what neither a poll nor a route has reported. */
  ExceptionHandler handler(Consumer consumer) {
    return new Handler(name(consumer));
  }

  @Override
  public void handleException(Throwable exception) {
    handleException("", exception);
  }

  @Override
  public void handleException(String message, Throwable exception) {
    LOG.debug("{}: {}", message, exception.getMessage()); // logged by the route
  }

  @Override
  public void handleException(String message, Exchange exchange, Throwable exception) {
    handleException(message, exception);
  }

  private final class Handler implements ExceptionHandler {
    private final String inbox;
    private String told = "";
    private Instant at = Instant.EPOCH;

    Handler(String inbox) {
      this.inbox = inbox;
    }

    @Override
    public void handleException(Throwable exception) {
      tell("", exception);
    }

    @Override
    public void handleException(String message, Throwable exception) {
      if (message.startsWith("Failed polling endpoint")) {
        LOG.debug("{}: {}", message, exception.getMessage()); // an outage
      } else {
        tell(message, exception);
      }
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable exception) {
      if (exchange.isFailed()) {
        LOG.debug("{}: {}", message, exception.getMessage()); // logged by the route
      } else {
        tell(message, exception);
      }
    }

    /** Logs a problem again if it did not occur for a minute. */
    private synchronized void tell(String message, Throwable exception) {
      String text =
          message.isEmpty() ? Reasons.of(exception) : message + ": " + Reasons.of(exception);
      Instant now = clock.instant();
      if (!text.equals(told) || at.plus(OUTAGE).isBefore(now)) {
        LOG.warn("pipeline={} {}", inbox, text);
      }
      told = text;
      at = now;
    }
  }
}

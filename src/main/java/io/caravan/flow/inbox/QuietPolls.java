package io.caravan.flow.inbox;

import io.caravan.flow.Pipelines;
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

  private final InboxStates states;

  QuietPolls(InboxStates states) {
    this.states = states;
  }

  @Override
  public boolean begin(Consumer consumer, Endpoint endpoint) {
    return true;
  }

  @Override
  public void commit(Consumer consumer, Endpoint endpoint, int polledMessages) {
    states.well(pipeline(consumer));
  }

  @Override
  public boolean rollback(Consumer consumer, Endpoint endpoint, int retryCounter, Exception cause) {
    states.outage(pipeline(consumer), cause);
    return false;
  }

  /** Named apart from the bucket, whose state may differ. */
  private static String pipeline(Consumer consumer) {
    Route route = consumer instanceof DefaultConsumer known ? known.getRoute() : null;
    return route == null ? "?" : Pipelines.ofRoute(route.getRouteId()) + " (queue)";
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
}

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
 * For inboxes that poll by themselves: an outage is told once, not at each poll, nor at each
 * message.
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

  /** The queue of a pipeline may be well while its bucket is not. */
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
    LOG.debug("{}: {}", message, exception.getMessage()); // the route has told why
  }

  @Override
  public void handleException(String message, Exchange exchange, Throwable exception) {
    handleException(message, exception);
  }
}

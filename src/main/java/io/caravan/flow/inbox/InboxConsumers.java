package io.caravan.flow.inbox;

import io.caravan.flow.Pipelines;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.Service;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.DefaultPollingConsumerPollStrategy;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.LoggingExceptionHandler;
import org.apache.camel.support.PropertyBindingSupport;
import org.apache.camel.support.RoutePolicySupport;
import org.apache.camel.support.ScheduledPollConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reports outages of all inboxes alike, unless a route does it in its own way. */
@Component
class InboxConsumers extends LifecycleStrategySupport implements RoutePolicyFactory {
  private static final String FAIL = "throwExceptionOnConnectFailed";

  private final QuietPolls quietPolls;
  private final InboxStates states;

  InboxConsumers(QuietPolls quietPolls, InboxStates states) {
    this.quietPolls = quietPolls;
    this.states = states;
  }

  /** Is called before a consumer starts. */
  @Override
  public void onServiceAdd(CamelContext camel, Service service, @Nullable Route route) {
    if (route == null || !Pipelines.isInbox(route.getRouteId())) {
      return;
    }
    if (service instanceof ScheduledPollConsumer polling) {
      PollingConsumerPollStrategy own = polling.getPollStrategy();
      if (own == null || own instanceof DefaultPollingConsumerPollStrategy) {
        polling.setPollStrategy(own == null ? quietPolls : quietPolls.around(own));
        tellConnectFailures(camel, polling.getEndpoint());
      }
    }
    if (service instanceof DefaultConsumer consumer
        && consumer.getExceptionHandler() instanceof LoggingExceptionHandler) {
      consumer.setExceptionHandler(quietPolls.handler(consumer));
    }
  }

  /** A consumer of FTP or SFTP would log it itself, once in its life and with a stack trace. */
  private static void tellConnectFailures(CamelContext camel, Endpoint endpoint) {
    String uri = endpoint.getEndpointUri();
    if (uri.matches("s?ftps?:.*") && !uri.contains(FAIL)) {
      PropertyBindingSupport.bindProperties(
          camel, endpoint, new HashMap<>(Map.of("configuration." + FAIL, true)));
    }
  }

  @Override
  public @Nullable RoutePolicy createRoutePolicy(
      CamelContext camel, String routeId, NamedNode route) {
    return Pipelines.isInbox(routeId) ? new Recovery() : null;
  }

  /** Notes that an inbox whose last message failed works again. */
  private final class Recovery extends RoutePolicySupport {
    @Override
    public void onExchangeDone(Route route, Exchange exchange) {
      if (!exchange.isFailed() && exchange.getProperty(Exchange.EXCEPTION_CAUGHT) == null) {
        states.well(Pipelines.ofRoute(route.getRouteId()));
      }
    }
  }
}

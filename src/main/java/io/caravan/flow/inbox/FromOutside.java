package io.caravan.flow.inbox;

import java.util.Locale;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.http.base.HttpHeaderFilterStrategy;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.springframework.stereotype.Component;

/**
 * Removes Caravan's internal headers from messages that come from outside, except those that
 * senders may set. Only routes may set the others.
 */
@Component("fromOutside")
public class FromOutside extends HttpHeaderFilterStrategy implements RoutePolicyFactory {
  private static final Set<String> SENDERS =
      Set.of("caravan-deadline", "caravan-priority", "caravan-provider");

  /** Components whose messages come from another route. */
  private static final Set<String> WITHIN = Set.of("direct", "seda", "kamelet");

  private final RoutePolicy policy =
      new RoutePolicySupport() {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
          if (!WITHIN.contains(scheme(route))) {
            exchange.getMessage().getHeaders().keySet().removeIf(FromOutside::isOurs);
          }
        }
      };

  @Override
  public RoutePolicy createRoutePolicy(CamelContext camel, String routeId, NamedNode route) {
    return policy;
  }

  /** Filters the response headers of HTTP calls that routes make. */
  @Override
  public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
    return name.toLowerCase(Locale.ROOT).startsWith("caravan")
        || super.applyFilterToExternalHeaders(name, value, exchange);
  }

  private static String scheme(Route route) {
    String uri = route.getEndpoint().getEndpointUri();
    return uri.substring(0, uri.indexOf(':'));
  }

  private static boolean isOurs(String header) {
    String name = header.toLowerCase(Locale.ROOT);
    return name.startsWith("caravan") && !SENDERS.contains(name);
  }
}

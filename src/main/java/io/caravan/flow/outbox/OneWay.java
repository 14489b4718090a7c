package io.caravan.flow.outbox;

import io.caravan.flow.Pipelines;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells components in outbound routes, such as JMS, that no reply is expected. */
@Component("oneWay")
class OneWay implements RoutePolicyFactory {
  private final RoutePolicy policy =
      new RoutePolicySupport() {
        @Override
        public void onExchangeBegin(Route route, Exchange exchange) {
          exchange.setPattern(ExchangePattern.InOnly);
        }
      };

  @Override
  public @Nullable RoutePolicy createRoutePolicy(
      CamelContext camel, String routeId, NamedNode route) {
    return Pipelines.isOutbound(routeId) ? policy : null;
  }
}

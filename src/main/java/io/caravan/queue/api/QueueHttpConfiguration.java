package io.caravan.queue.api;

import io.caravan.client.ApiKeys;
import io.caravan.client.RateLimit;
import io.caravan.operator.OperatorToken;
import java.net.InetAddress;
import java.time.Clock;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** The filter and the error answers of the paths below {@code /batch}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
class QueueHttpConfiguration {
  @Bean
  FilterRegistrationBean<QueueAccess> queueAccess(
      OperatorToken token,
      ServerProperties server,
      ObjectProvider<RateLimit> limit,
      Clock clock,
      Environment environment) {
    ApiKeys keys =
        new ApiKeys(
            environment.getProperty("caravan.server.own-key", ""),
            Binder.get(environment)
                .bind("caravan.server.keys", Bindable.mapOf(String.class, String.class))
                .orElse(Map.of()));
    InetAddress address = server.getAddress();
    boolean open =
        (address != null && address.isLoopbackAddress())
            || environment.getProperty("caravan.server.open", Boolean.class, false);
    var filter =
        new FilterRegistrationBean<>(
            new QueueAccess(
                keys, token, open, limit.getIfAvailable(() -> limit(environment, clock))));
    filter.addUrlPatterns(Problems.PATH, Problems.PATH + "/*");
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return filter;
  }

  /** Without the embedded server, these are the only calls that count. */
  private static RateLimit limit(Environment environment, Clock clock) {
    return new RateLimit(
        environment.getProperty("caravan.server.max-requests-per-minute", Integer.class, 0), clock);
  }
}

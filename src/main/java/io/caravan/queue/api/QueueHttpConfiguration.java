package io.caravan.queue.api;

import io.caravan.client.ApiKeys;
import io.caravan.operator.OperatorToken;
import java.net.InetAddress;
import java.util.Map;
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
      OperatorToken token, ServerProperties server, Environment environment) {
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
    var filter = new FilterRegistrationBean<>(new QueueAccess(keys, token, open));
    filter.addUrlPatterns(Problems.PATH, Problems.PATH + "/*");
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
    return filter;
  }
}

package io.caravan.web;

import java.net.InetAddress;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Puts the guard before every path. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {
  /** On addresses that other machines reach, keys decide, or the setting that there are none. */
  @Bean
  FilterRegistrationBean<WebGuard> webGuard(
      WebProperties settings, ServerProperties server, Environment environment) {
    InetAddress address = server.getAddress();
    boolean keyless =
        Binder.get(environment)
            .bind("caravan.server.keys", Bindable.mapOf(String.class, String.class))
            .orElse(Map.of())
            .isEmpty();
    boolean loopback = address != null && address.isLoopbackAddress();
    var filter = new FilterRegistrationBean<>(new WebGuard(loopback && keyless, settings));
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return filter;
  }
}

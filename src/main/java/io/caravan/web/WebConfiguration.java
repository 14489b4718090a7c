package io.caravan.web;

import jakarta.servlet.DispatcherType;
import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.MultipartProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** The guard and the body limits for every path. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
@EnableConfigurationProperties(WebProperties.class)
class WebConfiguration {
  /**
   * Limits host names only on a loopback address without keys; elsewhere, keys or the setting
   * {@code caravan.server.open} decide.
   */
  @Bean
  FilterRegistrationBean<WebGuard> webGuard(
      WebProperties settings, ServerProperties server, Environment environment) {
    return guard(server.getAddress(), settings, environment);
  }

  static FilterRegistrationBean<WebGuard> guard(
      @Nullable InetAddress address, WebProperties settings, Environment environment) {
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

  @Bean
  FilterRegistrationBean<ErrorDispatch> errorDispatch() {
    var filter = new FilterRegistrationBean<>(new ErrorDispatch());
    filter.setDispatcherTypes(DispatcherType.ERROR);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
    return filter;
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> bodies(
      WebProperties settings, MultipartProperties multipart) {
    return limits(settings, multipart);
  }

  static WebServerFactoryCustomizer<TomcatServletWebServerFactory> limits(
      WebProperties settings, MultipartProperties multipart) {
    var time =
        new BodyTime(settings.bodyGrace(), settings.bodyRate(), multipart.getMaxRequestSize());
    return factory -> {
      factory.addEngineValves(new BodyValve(time));
      factory.addContextCustomizers(
          context -> context.getParent().getPipeline().addValve(new ErrorValve()));
      // clients with Expect: 100-continue are rejected before they send a body
      factory.addConnectorCustomizers(
          connector -> connector.setProperty("continueResponseTiming", "onRead"));
    };
  }
}

package io.caravan.web;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.web.ServerProperties;
import org.springframework.boot.autoconfigure.web.servlet.MultipartProperties;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * The guard and the body limits for a separate management port, which is a second web server. Only
 * Boot imports this class, so it is no component.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementPort {
  @Bean
  FilterRegistrationBean<WebGuard> managementGuard(
      WebProperties settings,
      ManagementServerProperties management,
      ServerProperties server,
      Environment environment) {
    return WebConfiguration.guard(address(management, server), settings, environment);
  }

  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementBodies(
      WebProperties settings, MultipartProperties multipart) {
    return WebConfiguration.limits(settings, multipart);
  }

  /**
   * Listens on the server's address, since Boot's default is all addresses; runs after Boot's own.
   */
  @Bean
  @Order
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> managementAddress(
      ManagementServerProperties management, ServerProperties server) {
    return factory -> factory.setAddress(address(management, server));
  }

  private static @Nullable InetAddress address(
      ManagementServerProperties management, ServerProperties server) {
    return management.getAddress() == null ? server.getAddress() : management.getAddress();
  }
}

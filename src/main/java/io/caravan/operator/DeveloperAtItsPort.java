package io.caravan.operator;

import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/** Registers {@link DeveloperAccess} when Camel's console has a port of its own. */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
@ConditionalOnBooleanProperty(DeveloperAccess.SETTING)
class DeveloperAtItsPort {
  @Bean
  FilterRegistrationBean<DeveloperAccess> managementDeveloperAccess(
      OperatorToken token, WebEndpointProperties endpoints) {
    return OperatorConfiguration.developers(token, endpoints);
  }
}

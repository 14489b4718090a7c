package io.caravan.operator;

import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/** The same for health at a port of its own; Boot imports it there alone. */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class HealthAtItsPort {
  @Bean
  FilterRegistrationBean<HealthDetails> managementHealthDetails(OperatorToken token) {
    return OperatorConfiguration.details(token);
  }
}

package io.caravan.operator;

import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;

/** Registers {@link HealthDetails} when health has a port of its own. */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class HealthAtItsPort {
  @Bean
  FilterRegistrationBean<HealthDetails> managementHealthDetails(OperatorToken token) {
    return OperatorConfiguration.details(token);
  }
}

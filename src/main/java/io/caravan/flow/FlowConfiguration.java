package io.caravan.flow;

import io.caravan.client.Clients;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Registers the flow's settings and its clock. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  Clients.class,
  FlowProperties.General.class,
  FlowProperties.Requests.class,
  FlowProperties.MaxCost.class,
  FlowProperties.Intake.class,
  FlowProperties.Validation.class,
  FlowProperties.Poll.class,
  FlowProperties.ProviderCall.class,
  FlowProperties.Resend.class,
  FlowProperties.Retry.class
})
class FlowConfiguration {
  @Bean
  @ConditionalOnMissingBean
  Clock clock() {
    return Clock.systemUTC();
  }
}

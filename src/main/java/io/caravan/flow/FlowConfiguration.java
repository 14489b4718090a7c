package io.caravan.flow;

import io.caravan.client.Clients;
import io.caravan.cost.PriceFile;
import io.caravan.workspace.Scratch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import org.apache.camel.CamelContext;
import org.apache.camel.ExtendedCamelContext;
import org.apache.camel.spi.StartupConditionStrategy;
import org.apache.camel.spring.boot.CamelAutoConfiguration;
import org.apache.camel.spring.boot.CamelConfigurationProperties;
import org.apache.camel.spring.boot.CamelSpringBootApplicationController;
import org.apache.camel.spring.spi.CamelBeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Registers the flow's settings, its clock and the context of its routes. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  Clients.class,
  FlowProperties.General.class,
  FlowProperties.Zone.class,
  FlowProperties.Requests.class,
  FlowProperties.MaxCost.class,
  FlowProperties.Intake.class,
  FlowProperties.Validation.class,
  FlowProperties.Priority.class,
  FlowProperties.Poll.class,
  FlowProperties.Webhooks.class,
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

  /** The time zone of schedules, deadlines and days; the machine's unless it is set. */
  @Bean
  ZoneId zone(FlowProperties.Zone settings) {
    return settings.id();
  }

  /** For bodies that are read twice; files of a killed process are deleted at the next start. */
  @Bean
  Scratch keptBodies(Environment settings) {
    return new Scratch(Path.of(settings.getRequiredProperty("caravan.data"), "scratch"));
  }

  /** Replaces Boot's context; its life cycle is Spring's, so it needs no destroy method. */
  @Bean(destroyMethod = "")
  CamelContext camelContext(
      ApplicationContext application,
      CamelConfigurationProperties settings,
      CamelBeanPostProcessor beans,
      StartupConditionStrategy conditions,
      Scratch keptBodies)
      throws Exception {
    var controller = new CamelSpringBootApplicationController(application);
    var context =
        new RouteContext(application, settings.getMain().isWarnOnEarlyShutdown(), controller);
    controller.setCamelContext(context);
    beans.setCamelContext(context);
    ExtendedCamelContext extension = context.getCamelContextExtension();
    extension.addContextPlugin(org.apache.camel.spi.CamelBeanPostProcessor.class, beans);
    extension.addContextPlugin(StartupConditionStrategy.class, conditions);
    context.getStreamCachingStrategy().setSpoolDirectory(keptBodies.path().toFile());
    return CamelAutoConfiguration.doConfigureCamelContext(
        application, context, settings, controller);
  }

  @Bean
  PriceFile priceFile(FlowProperties.Requests requests) throws IOException {
    return new PriceFile(requests.prices());
  }
}

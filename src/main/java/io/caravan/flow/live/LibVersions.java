package io.caravan.flow.live;

import io.caravan.route.component.OtherVersions;
import java.io.IOException;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Logs jars in {@code lib/} that do not fit before routes that use them fail. */
@Component
class LibVersions implements CamelContextConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(LibVersions.class);

  @Override
  public void beforeApplicationStart(CamelContext camel) {
    try {
      OtherVersions.on(System.getProperty("java.class.path", ""), camel.getVersion())
          .ifPresent(LOG::warn);
    } catch (IOException e) {
      LOG.debug("lib/components.json cannot be read: {}", e.getMessage());
    }
  }

  @Override
  public void afterApplicationStart(CamelContext camel) {}
}

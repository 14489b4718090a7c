package io.caravan.flow.synchronous;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

/** Registers the settings of calls outside of batches. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SynchronousProperties.class)
class SynchronousConfiguration {}

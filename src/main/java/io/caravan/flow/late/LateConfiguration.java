package io.caravan.flow.late;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

/** Registers the settings of what comes too late. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LateProperties.class)
class LateConfiguration {}

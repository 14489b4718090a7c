package io.caravan.provider;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;

/** Reads the providers from the settings. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(Providers.class)
class ProviderConfiguration {}

package io.caravan.operator;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the operators' paths behind their token. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OperatorProperties.class)
class OperatorConfiguration {
  @Bean
  FilterRegistrationBean<OperatorAccess> operatorAccess(OperatorProperties settings) {
    var filter = new FilterRegistrationBean<>(new OperatorAccess(settings));
    filter.addUrlPatterns(OperatorErrors.PATH + "/*");
    return filter;
  }

  @Bean
  OperatorErrors operatorErrors() {
    return new OperatorErrors();
  }
}

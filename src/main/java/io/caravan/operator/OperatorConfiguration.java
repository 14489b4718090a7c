package io.caravan.operator;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring configuration that protects the operator API and health details with the token. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(OperatorProperties.class)
class OperatorConfiguration {
  @Bean
  OperatorToken operatorToken(OperatorProperties settings) {
    return new OperatorToken(settings);
  }

  @Bean
  FilterRegistrationBean<OperatorAccess> operatorAccess(OperatorToken token) {
    var filter = new FilterRegistrationBean<>(new OperatorAccess(token));
    filter.addUrlPatterns(OperatorErrors.PATH + "/*");
    return filter;
  }

  @Bean
  FilterRegistrationBean<HealthDetails> healthDetails(OperatorToken token) {
    return details(token);
  }

  static FilterRegistrationBean<HealthDetails> details(OperatorToken token) {
    var filter = new FilterRegistrationBean<>(new HealthDetails(token));
    filter.addUrlPatterns(HealthDetails.PATHS);
    return filter;
  }

  @Bean
  OperatorErrors operatorErrors() {
    return new OperatorErrors();
  }
}

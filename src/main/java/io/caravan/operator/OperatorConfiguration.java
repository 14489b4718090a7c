package io.caravan.operator;

import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
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
  @ConditionalOnBooleanProperty(DeveloperAccess.SETTING)
  FilterRegistrationBean<DeveloperAccess> developerAccess(
      OperatorToken token, WebEndpointProperties endpoints) {
    return developers(token, endpoints);
  }

  static FilterRegistrationBean<DeveloperAccess> developers(
      OperatorToken token, WebEndpointProperties endpoints) {
    var filter = new FilterRegistrationBean<>(new DeveloperAccess(token));
    for (String endpoint : DeveloperAccess.ENDPOINTS) {
      String path =
          endpoints.getBasePath()
              + "/"
              + endpoints.getPathMapping().getOrDefault(endpoint, endpoint);
      filter.addUrlPatterns(path, path + "/*");
    }
    return filter;
  }

  @Bean
  OperatorErrors operatorErrors() {
    return new OperatorErrors();
  }
}

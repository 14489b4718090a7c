package io.caravan.s3;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import software.amazon.awssdk.services.s3.S3Client;

/** The S3 client of routes with {@code aws2-s3} endpoints, created on first use. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(S3Properties.class)
class S3Configuration {
  @Bean
  @Lazy
  S3Client s3Client(S3Properties properties) {
    return ClientOnUse.of(() -> S3Access.client(properties));
  }

  @Bean
  @Lazy
  S3Objects s3Objects(S3Client client) {
    return new S3Objects(client);
  }
}

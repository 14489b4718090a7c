package io.caravan.server;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Generates a key at each start, with which Caravan's own pipelines call the embedded server in the
 * same process.
 */
class KeyOfThisStart implements EnvironmentPostProcessor {
  private static final String NAME = "key-of-this-start";

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    byte[] random = new byte[24];
    new SecureRandom().nextBytes(random);
    environment
        .getPropertySources()
        .addLast(new MapPropertySource(NAME, Map.of(NAME, HexFormat.of().formatHex(random))));
  }
}

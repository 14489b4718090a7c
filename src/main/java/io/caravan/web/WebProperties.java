package io.caravan.web;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Callers from a browser that the server takes, and the time that bodies may take.
 *
 * @param allowedHosts names by which a server without keys at a loopback address may be called,
 *     besides {@code localhost}, {@code 127.0.0.1} and {@code [::1]}; without a port
 * @param corsOrigins origins of web pages elsewhere that may use the server, such as {@code
 *     https://tools.example.org}
 * @param bodyGrace how long the body of a request may take, whatever its length
 * @param bodyRate bytes of a body that have to come in each second beyond that
 */
@Validated
@ConfigurationProperties(prefix = "caravan.web", ignoreUnknownFields = false)
record WebProperties(
    @DefaultValue Set<String> allowedHosts,
    @DefaultValue Set<String> corsOrigins,
    @NotNull Duration bodyGrace,
    @NotNull DataSize bodyRate) {
  WebProperties {
    if (bodyRate != null && bodyRate.toBytes() < 1) {
      throw new IllegalArgumentException("caravan.web.body-rate has to be a byte or more");
    }
  }
}

package io.caravan.web;

import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Allowed browser callers, and the time limit of request bodies.
 *
 * @param allowedHosts host names that a server without keys accepts on a loopback address, besides
 *     {@code localhost}, {@code 127.0.0.1} and {@code [::1]}; without a port
 * @param corsOrigins origins of other web pages that may use the server, such as {@code
 *     https://tools.example.org}
 * @param bodyGrace time for the body of any request, whatever its length
 * @param bodyRate minimum bytes of a body per second beyond that
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
      throw new IllegalArgumentException("caravan.web.body-rate must be at least 1 byte");
    }
  }
}

package io.caravan.web;

import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may call the server from a browser.
 *
 * @param allowedHosts names by which a server without keys at a loopback address may be called,
 *     besides {@code localhost}, {@code 127.0.0.1} and {@code [::1]}; without a port
 * @param corsOrigins origins of web pages elsewhere that may use the server, such as {@code
 *     https://tools.example.org}
 */
@ConfigurationProperties(prefix = "caravan.web", ignoreUnknownFields = false)
record WebProperties(
    @DefaultValue Set<String> allowedHosts, @DefaultValue Set<String> corsOrigins) {}

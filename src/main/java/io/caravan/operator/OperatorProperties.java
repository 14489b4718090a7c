package io.caravan.operator;

import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * The settings of the operator API.
 *
 * @param token the operators' bearer token; empty: the API is disabled
 */
@Validated
@ConfigurationProperties(prefix = "caravan.operator", ignoreUnknownFields = false)
record OperatorProperties(@NotNull String token) {
  /** Never shows the token. */
  @Override
  public String toString() {
    return token.isBlank() ? "no token" : "a token";
  }
}

package io.caravan.operator;

import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.validation.annotation.Validated;

/**
 * What operators may do over HTTP.
 *
 * @param token what they show; empty: nothing
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

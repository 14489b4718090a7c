package io.caravan.flow.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/** The check of events that a JSON Web Token signs (RS256), as with Gemini's dynamic webhooks. */
final class SignedTokens {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration SKEW = Duration.ofMinutes(1);
  private static final int SHORTEST_KEY = 2048;

  private final PublicKeys keys;
  private final String audience;
  private final Clock clock;

  /**
   * @param audience the audience that tokens must name; blank for any
   */
  SignedTokens(PublicKeys keys, String audience, Clock clock) {
    this.keys = keys;
    this.audience = audience.strip();
    this.clock = clock;
  }

  /** The event in the token, or in the body if the token has none. */
  SignedEvent verify(String token, JsonNode body) {
    try {
      SignedJWT jwt = SignedJWT.parse(token.strip());
      String kid = jwt.getHeader().getKeyID();
      if (!JWSAlgorithm.RS256.equals(jwt.getHeader().getAlgorithm()) || kid == null) {
        throw RejectedEventException.invalid("The token is not signed with RS256 and a key id.");
      }
      RSAPublicKey key =
          keys.find(kid)
              .orElseThrow(
                  () -> RejectedEventException.invalid("The token is signed with an unknown key."));
      if (key.getModulus().bitLength() < SHORTEST_KEY || !jwt.verify(new RSASSAVerifier(key))) {
        throw RejectedEventException.invalid("The signature is not valid.");
      }
      check(jwt.getJWTClaimsSet());
      JsonNode claims = JSON.readTree(jwt.getPayload().toString());
      return new SignedEvent(
          jwt.getSignature().toString(), claims.path("data").isObject() ? claims : body);
    } catch (ParseException | JOSEException | JsonProcessingException e) {
      throw RejectedEventException.invalid("webhook-signature is neither a signature nor a token.");
    }
  }

  private void check(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Instant expires = instant(claims.getExpirationTime());
    Instant issued = instant(claims.getIssueTime());
    Instant starts = instant(claims.getNotBeforeTime());
    Instant latest = now.plus(SigningSecrets.TOLERANCE);
    if (expires == null
        ? issued == null || issued.isBefore(now.minus(SigningSecrets.TOLERANCE))
        : !expires.isAfter(now.minus(SKEW))) {
      throw RejectedEventException.invalid("The token has expired, or has no time.");
    }
    if ((issued != null && issued.isAfter(latest)) || (starts != null && starts.isAfter(latest))) {
      throw RejectedEventException.invalid("The token is from the future.");
    }
    if (!audience.isEmpty() && !claims.getAudience().contains(audience)) {
      throw RejectedEventException.invalid("The token is for another audience.");
    }
  }

  private static @Nullable Instant instant(@Nullable Date date) {
    return date == null ? null : date.toInstant();
  }
}

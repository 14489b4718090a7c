package io.caravan.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.job.CannotStartException;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.regex.Pattern;

/** The operators' bearer token, if one is set. */
public final class OperatorToken {
  private static final String SCHEME = "Bearer ";

  /** Characters that are safe in a header, and enough of them to prevent guessing. */
  private static final Pattern FIT = Pattern.compile("[\\x21-\\x7e]{16,}");

  private final byte[] token;

  OperatorToken(OperatorProperties settings) {
    String given = settings.token().strip();
    if (!given.isEmpty() && !FIT.matcher(given).matches()) {
      throw new CannotStartException(
          "CARAVAN_OPERATOR_TOKEN cannot be used: it needs 16 or more ASCII characters without spaces.",
          "Set it to the output of \"openssl rand -hex 32\", or leave it unset.");
    }
    this.token = given.getBytes(UTF_8);
  }

  /** Whether there is one. */
  public boolean isSet() {
    return token.length > 0;
  }

  /** Compares the request's token in constant time. */
  public boolean isShownIn(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return isSet()
        && header != null
        && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(header.substring(SCHEME.length()).strip().getBytes(UTF_8), token);
  }
}

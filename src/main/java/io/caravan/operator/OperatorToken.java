package io.caravan.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.job.CannotStartException;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.util.regex.Pattern;

/** What operators show, if any is set. */
final class OperatorToken {
  private static final String SCHEME = "Bearer ";

  /** What a header carries unchanged, and long enough not to be guessed. */
  private static final Pattern FIT = Pattern.compile("[\\x21-\\x7e]{16,}");

  private final byte[] token;

  OperatorToken(OperatorProperties settings) {
    String given = settings.token().strip();
    if (!given.isEmpty() && !FIT.matcher(given).matches()) {
      throw new CannotStartException(
          "CARAVAN_OPERATOR_TOKEN cannot be used: it needs 16 or more characters, of ASCII and without spaces.",
          "Set it to such as what \"openssl rand -hex 32\" gives, or leave it unset.");
    }
    this.token = given.getBytes(UTF_8);
  }

  boolean isSet() {
    return token.length > 0;
  }

  /** Takes as long for each wrong token, so that its time tells nothing. */
  boolean isShownIn(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    return isSet()
        && header != null
        && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(header.substring(SCHEME.length()).strip().getBytes(UTF_8), token);
  }
}

package io.caravan.operator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.caravan.batch.CannotStartException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lets operators pass who show the token; nobody as long as none is set. */
final class OperatorAccess extends HttpFilter {
  private static final String SCHEME = "Bearer ";

  /** What a header carries unchanged, and long enough not to be guessed. */
  private static final Pattern FIT = Pattern.compile("[\\x21-\\x7e]{16,}");

  private final transient byte[] token;

  OperatorAccess(OperatorProperties settings) {
    String given = settings.token().strip();
    if (!given.isEmpty() && !FIT.matcher(given).matches()) {
      throw new CannotStartException(
          "CARAVAN_OPERATOR_TOKEN cannot be used: it needs 16 or more characters, of ASCII and without spaces.",
          "Set it to such as what \"openssl rand -hex 32\" gives, or leave it unset.");
    }
    this.token = given.getBytes(UTF_8);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (token.length == 0) {
      OperatorErrors.write(
          response,
          403,
          "operator_token_not_set",
          "Nobody may do this as long as no token is set. Set CARAVAN_OPERATOR_TOKEN (16 or more characters) and start again, or use \"caravan status\", \"cancel\" and \"retry\" on the machine.");
    } else if (!isShown(request.getHeader("Authorization"))) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"caravan\"");
      OperatorErrors.write(
          response,
          401,
          "invalid_api_key",
          "This needs the header \"Authorization: Bearer …\" with the value of CARAVAN_OPERATOR_TOKEN.");
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Takes as long for each wrong token, so that its time tells nothing. */
  private boolean isShown(@Nullable String header) {
    return header != null
        && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(header.substring(SCHEME.length()).strip().getBytes(UTF_8), token);
  }
}

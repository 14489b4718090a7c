package io.caravan.queue.api;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The header {@code Prefer} (RFC 7240), of which {@code wait} is understood. */
final class Preference {
  static final String NAME = "Prefer";
  static final String APPLIED = "Preference-Applied";

  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Pattern WAIT = Pattern.compile("wait\\s*=\\s*\"?(\\d{1,9})\"?");

  private Preference() {}

  /** How long a call may wait, at most two minutes; empty if it does not. */
  static Optional<Duration> wait(HttpServletRequest call) {
    return Collections.list(call.getHeaders(NAME)).stream()
        .flatMap(Pattern.compile("[,;]")::splitAsStream)
        .map(each -> WAIT.matcher(each.strip().toLowerCase(Locale.ROOT)))
        .filter(matcher -> matcher.matches())
        .map(matcher -> Duration.ofSeconds(Long.parseLong(matcher.group(1))))
        .map(wait -> wait.compareTo(LONGEST) > 0 ? LONGEST : wait)
        .findFirst();
  }
}

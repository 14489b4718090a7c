package io.caravan.provider;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravan.call.TemporaryFailures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A provider's answer to one call.
 *
 * @param retryAfter the header {@code Retry-After}: seconds, or a date
 * @param secret our key; masked if the provider's message contains it
 */
public record Answer(int status, @Nullable String retryAfter, InputStream body, String secret) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LONGEST = 16 * 1024 * 1024;
  private static final int SHOWN = 300;

  /** Caps {@code Retry-After}; a longer wait has a wrong unit or date. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  /** The code for a full queue: an error of a batch, at Azure also of its create. */
  public static final String QUEUE_FULL = "token_limit_exceeded";

  private static final Pattern TITLE =
      Pattern.compile("<title>([^<]*)</title>", Pattern.CASE_INSENSITIVE);

  /** Returns this answer, its body unread, if it is a success; otherwise throws its error. */
  public Answer orThrow(Clock clock) {
    if (status >= 200 && status < 300) {
      return this;
    }
    String text = text();
    JsonNode error = error(text);
    String message = message(text, error);
    String code = word(error, "code");
    boolean refused = TemporaryFailures.BATCH_CALL.isNoCredit(code) || isKeyInvalid(error);
    if (status == 401 || status == 402 || status == 403 || refused) {
      throw new AccessRefusedException(message);
    }
    if (QUEUE_FULL.equals(code)) {
      throw new QueueFullException(message);
    }
    if (TemporaryFailures.BATCH_CALL.include(status) || isPortal(text)) {
      Duration asked = wait(clock);
      throw new RetryableProviderException(
          status, message, asked == null ? retryDelay(error) : asked);
    }
    throw new RejectedByProviderException(status, code.isEmpty() ? null : code, message);
  }

  /** Google reports an invalid key with status 400. */
  private static boolean isKeyInvalid(JsonNode error) {
    for (JsonNode detail : error.path("details")) {
      if (detail.path("reason").asText().startsWith("API_KEY_")) {
        return true;
      }
    }
    return false;
  }

  /** Google's equivalent of Retry-After, such as {@code 3.5s}. */
  private static @Nullable Duration retryDelay(JsonNode error) {
    for (JsonNode detail : error.path("details")) {
      String delay = detail.path("retryDelay").asText();
      if (delay.matches("\\d{1,5}(\\.\\d{1,9})?s")) {
        double seconds = Double.parseDouble(delay.substring(0, delay.length() - 1));
        return Duration.ofMillis((long) (seconds * 1000));
      }
    }
    return null;
  }

  /** Whether it is a gateway's page or redirect instead of the provider's answer. */
  private boolean isPortal(String text) {
    return status / 100 == 3
        || (text.stripLeading().startsWith("<") && text.toLowerCase(Locale.ROOT).contains("<html"));
  }

  private static String word(JsonNode error, String member) {
    JsonNode word = error.path(member);
    return word.isNull() ? "" : word.asText().strip();
  }

  /** The body as JSON; anything else, such as a proxy's page, is a retryable failure. */
  public JsonNode json() {
    String text = text();
    try {
      JsonNode node = JSON.readTree(text);
      if (node.isObject() || node.isArray()) {
        return node;
      }
    } catch (JacksonException e) {
      // reported below, without the parser's message
    }
    throw new RetryableProviderException(message(text, JSON.missingNode()), null);
  }

  private String text() {
    try (InputStream in = body) {
      return new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RetryableProviderException("the answer was cut off: " + e.getMessage(), null);
    }
  }

  private static JsonNode error(String text) {
    try {
      JsonNode error = JSON.readTree(text).path("error");
      return error.isTextual() ? JSON.createObjectNode().set("message", error) : error;
    } catch (JacksonException e) {
      return JSON.missingNode();
    }
  }

  private String message(String text, JsonNode error) {
    String said = error.path("message").asText("");
    if (said.isBlank()) {
      Matcher title = TITLE.matcher(text);
      if (title.find()) {
        said = "a page titled \"" + title.group(1).strip() + "\" instead of JSON";
      } else {
        said = text.isBlank() ? "no body" : text;
      }
    }
    said = (secret.isBlank() ? said : said.replace(secret, "***")).replaceAll("\\s+", " ").strip();
    return "HTTP %d: %s"
        .formatted(status, said.length() > SHOWN ? said.substring(0, SHOWN) + "…" : said);
  }

  private @Nullable Duration wait(Clock clock) {
    Duration wait = retryAfter == null ? null : wait(retryAfter.strip(), clock);
    if (wait == null) {
      return null;
    }
    Duration bounded = wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    return bounded.isNegative() ? Duration.ZERO : bounded;
  }

  private static @Nullable Duration wait(String asked, Clock clock) {
    try {
      double seconds = Double.parseDouble(asked);
      return Double.isNaN(seconds) ? null : Duration.ofMillis((long) (seconds * 1000));
    } catch (NumberFormatException noSeconds) {
      try {
        return Duration.between(
            clock.instant(),
            ZonedDateTime.parse(asked, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
      } catch (DateTimeParseException noDate) {
        return null;
      }
    }
  }

  /** An answer with its body in memory, for tests and small bodies. */
  static Answer of(int status, String body) {
    return new Answer(
        status, null, new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)), "");
  }
}

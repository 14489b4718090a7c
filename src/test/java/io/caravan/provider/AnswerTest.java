package io.caravan.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
  private static final Clock NOON =
      Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 299})
  void acceptsSuccessfulStatus(int status) throws IOException {
    Answer answer = Answer.of(status, "{}");

    assertThat(answer.orThrow(NOON)).isSameAs(answer);
    assertThat(answer.body()).as("still to be read").hasContent("{}");
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 409, 425, 429, 500, 502, 503, 504, 529})
  void isRetryable(int status) {
    assertThatThrownBy(() -> Answer.of(status, error("slow down", "\"x\"")).orThrow(NOON))
        .isInstanceOf(RetryableProviderException.class)
        .hasMessage("HTTP %d: slow down", status);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 413, 422, 501})
  void isRejectedPermanently(int status) {
    assertThat(rejection(status, error("no such thing", "\"bad_thing\"")))
        .satisfies(e -> assertThat(e.status()).isEqualTo(status))
        .satisfies(e -> assertThat(e.code()).isEqualTo("bad_thing"))
        .hasMessage("HTTP %d: no such thing", status);
  }

  @ParameterizedTest
  @CsvSource({
    "401, invalid_api_key",
    "402, billing_error",
    "403, permission_denied",
    "429, insufficient_quota",
    "400, billing_hard_limit_reached"
  })
  void refusesAccess(int status, String code) {
    assertThatThrownBy(() -> Answer.of(status, error("no", '"' + code + '"')).orThrow(NOON))
        .isInstanceOf(AccessRefusedException.class)
        .hasMessage("HTTP %d: no", status);
  }

  @Test
  void neverShowsTheKey() {
    var body =
        new ByteArrayInputStream(
            "{\"error\": {\"message\": \"Incorrect API key provided: sk-secret.\"}}"
                .getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> new Answer(401, null, body, "sk-secret").orThrow(NOON))
        .hasMessage("HTTP 401: Incorrect API key provided: ***.");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 429})
  void reportsFullQueue(int status) {
    assertThatThrownBy(
            () -> Answer.of(status, error("full", "\"token_limit_exceeded\"")).orThrow(NOON))
        .isInstanceOf(QueueFullException.class);
  }

  @Test
  void tooManyRequestsMeansNothingWasCreated() {
    assertThat(unclear(429)).isFalse();
    assertThat(unclear(500)).isTrue();
    assertThat(unclear(504)).isTrue();
  }

  private static boolean unclear(int status) {
    return catchThrowableOfType(
            RetryableProviderException.class, () -> Answer.of(status, "").orThrow(NOON))
        .isUnclear();
  }

  @ParameterizedTest
  @CsvSource({"'\"bad\"', bad", "429, 429", "null,", "{},", "'\"\"',"})
  void keepsTheProvidersErrorCode(String code, @Nullable String told) {
    assertThat(rejection(400, error("no", code)).code()).isEqualTo(told);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "7, 7000",
    "' 7 ', 7000",
    "0.5, 500",
    "1.2345, 1234",
    "'Sun, 01 Mar 2026 12:00:30 GMT', 30000",
    "'Sun, 1 Mar 2026 12:00:30 GMT', 30000",
    "604800, 86400000",
    "1e300, 86400000",
    "Infinity, 86400000",
    "'Fri, 31 Dec 9999 23:59:59 GMT', 86400000"
  })
  void honoursRetryAfterUpToOneDay(String retryAfter, long millis) {
    assertThat(retryAfter(retryAfter)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "soon", "2026-03-01", "NaN"})
  void ignoresUnreadableRetryAfter(@Nullable String retryAfter) {
    assertThat(retryAfter(retryAfter)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5", "Sun, 01 Mar 2026 11:59:30 GMT"})
  void ignoresRetryAfterInThePast(String retryAfter) {
    assertThat(retryAfter(retryAfter)).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void retriesRedirects(int status) {
    assertThatThrownBy(() -> Answer.of(status, "").orThrow(NOON))
        .isInstanceOfSatisfying(
            RetryableProviderException.class, e -> assertThat(e.passesInTime()).isFalse());
  }

  @Test
  void showsTheTitleOfAnHtmlPage() {
    String page = "<!DOCTYPE html><html><HEAD><Title>\n 502 Bad\nGateway </Title></HEAD></html>";

    assertThatThrownBy(() -> Answer.of(502, page).orThrow(NOON))
        .hasMessage("HTTP 502: a page titled \"502 Bad Gateway\" instead of JSON");
    assertThatThrownBy(() -> Answer.of(400, page).orThrow(NOON))
        .isInstanceOf(RetryableProviderException.class)
        .hasMessageStartingWith("HTTP 400: a page titled");
    assertThatThrownBy(() -> Answer.of(200, page).json())
        .isInstanceOf(RetryableProviderException.class)
        .hasMessageStartingWith("HTTP 200: a page titled");
  }

  @ParameterizedTest
  @CsvSource({
    "'', no body",
    "' \n', no body",
    "'nope', nope",
    "'{\"error\": \"nope\"}', nope",
    "'{\"error\": {\"message\": null}}', '{\"error\": {\"message\": null}}'",
    "'{\"detail\": \"nope\"}', '{\"detail\": \"nope\"}'",
    "'[1]', '[1]'",
    "'{\"error\"', '{\"error\"'",
    "'{\"error\": {\"message\": \"line 1\n  line 2\"}}', '{\"error\": {\"message\": \"line 1 line 2\"}}'"
  })
  void showsAnyErrorText(String body, String told) {
    assertThat(rejection(400, body)).hasMessage("HTTP 400: " + told);
  }

  @Test
  void truncatesLongMessages() {
    assertThat(rejection(400, error("x".repeat(5000), "null")))
        .hasMessage("HTTP 400: " + "x".repeat(300) + "…");
  }

  @Test
  @Timeout(10)
  void survivesAHugeBody() {
    var endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }

          @Override
          public int read(byte[] to, int offset, int length) {
            Arrays.fill(to, offset, offset + length, (byte) 'x');
            return length;
          }
        };

    assertThatThrownBy(() -> new Answer(500, null, endless, "").orThrow(NOON))
        .isInstanceOf(RetryableProviderException.class)
        .hasMessage("HTTP 500: " + "x".repeat(300) + "…");
  }

  @Test
  @Timeout(10)
  void survivesAPageWithUnclosedTitle() {
    String page = "<title>" + " ".repeat(1_000_000);

    assertThatThrownBy(() -> Answer.of(500, page).orThrow(NOON)).hasMessage("HTTP 500: <title>");
  }

  @Test
  void readsObjectsAndLists() {
    assertThat(Answer.of(200, "{\"id\": \"ä\"}").json().path("id").asText()).isEqualTo("ä");
    assertThat(Answer.of(200, "[1, 2]").json()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "true", "7", "\"text\"", "{\"id\": \"file-", "OK"})
  void retriesSuccessWithoutJson(String body) {
    assertThatThrownBy(() -> Answer.of(200, body).json())
        .isInstanceOf(RetryableProviderException.class)
        .hasMessageStartingWith("HTTP 200: ");
  }

  @Test
  void retriesTruncatedAnswers() {
    var broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Connection reset");
          }

          @Override
          public int read(byte[] to, int offset, int length) throws IOException {
            return read();
          }
        };

    assertThatThrownBy(() -> new Answer(200, null, broken, "").json())
        .isInstanceOf(RetryableProviderException.class)
        .hasMessage("the answer was cut off: Connection reset");
  }

  private static String error(String message, String code) {
    return "{\"error\": {\"message\": \"%s\", \"type\": \"t\", \"param\": null, \"code\": %s}}"
        .formatted(message, code);
  }

  private static RejectedByProviderException rejection(int status, String body) {
    return catchThrowableOfType(
        RejectedByProviderException.class, () -> Answer.of(status, body).orThrow(NOON));
  }

  private static @Nullable Duration retryAfter(@Nullable String header) {
    var body = new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8));
    return catchThrowableOfType(
            RetryableProviderException.class, () -> new Answer(429, header, body, "").orThrow(NOON))
        .retryAfter();
  }
}

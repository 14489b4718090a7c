package io.caravan.jsonl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 520, 529, 599})
  void letsAStatusThatMayPassGoOutAgain(int status) throws IOException {
    assertThat(responded(status, "null").retryable()).isTrue();
    assertThat(responded(status, "{\"code\":\"odd\"}").retryable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 301, 400, 401, 403, 404, 409, 413, 422, 501, 505})
  void takesOtherStatusesForFinal(int status) throws IOException {
    assertThat(responded(status, "null").retryable()).isFalse();
    assertThat(responded(status, "{\"code\":\"server_error\"}").retryable()).isFalse();
  }

  @Test
  void neverSendsASuccessAgain() throws IOException {
    assertThat(responded(200, "null")).isEqualTo(new Answer("a", true, false, Usage.NONE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "\"timed out\"",
        "{\"code\":null,\"message\":\"m\"}",
        "{\"code\":\"\"}",
        "{\"code\":\"batch_expired\"}",
        "{\"code\":\"batch_cancelled\"}",
        "{\"message\":\"m\",\"code\":\"request_timeout\"}",
        "{\"code\":\"rate_limit_exceeded\",\"data\":{\"code\":\"x\"}}",
        "{\"code\":\"server_error\"}"
      })
  void letsARequestThatWasNotRunGoOutAgain(String error) throws IOException {
    assertThat(line("\"response\":null,\"error\":" + error).retryable()).isTrue();
    assertThat(line("\"error\":" + error).retryable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\":\"invalid_request\"}",
        "{\"code\":400}",
        "{\"data\":{\"code\":\"batch_expired\"},\"code\":\"content_filter\"}"
      })
  void takesOtherCodesWithoutAResponseForFinal(String error) throws IOException {
    assertThat(line("\"response\":null,\"error\":" + error).retryable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"status_code\":0}", "{\"status_code\":\"odd\"}", "{}"})
  void letsAResponseWithoutAStatusGoOutAgainOnlyWithAnError(String response) throws IOException {
    String start = "\"response\":" + response + ",\"error\":";
    assertThat(line(start + "{\"code\":\"x\"}").retryable()).isTrue();
    assertThat(line(start + "null")).isEqualTo(new Answer("a", false, false, Usage.NONE));
  }

  private static Answer responded(int status, String error) throws IOException {
    return line("\"response\":{\"status_code\":%s},\"error\":%s".formatted(status, error));
  }

  private static Answer line(String members) throws IOException {
    byte[] line = ("{\"custom_id\":\"a\"," + members + "}").getBytes(UTF_8);
    return Objects.requireNonNull(Answer.read(line, 0, line.length));
  }
}

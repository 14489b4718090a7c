package io.caravan.jsonl.settle;

import static io.caravan.jsonl.settle.AnswerLine.Form.LENIENT;
import static io.caravan.jsonl.settle.AnswerLine.Form.STRICT;
import static io.caravan.jsonl.settle.AnswerLine.Form.UNREADABLE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.caravan.jsonl.LenientJson;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerLineTest {
  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504, 520, 529, 599})
  void retriesTemporaryStatuses(int status) throws IOException {
    assertThat(responded(status, "null").retryable()).isTrue();
    assertThat(responded(status, "{\"code\":\"odd\"}").retryable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 301, 400, 401, 403, 404, 409, 413, 422, 501, 505})
  void treatsOtherStatusesAsFinal(int status) throws IOException {
    assertThat(responded(status, "null").retryable()).isFalse();
    assertThat(responded(status, "{\"code\":\"server_error\"}").retryable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"response\":{\"status_code\":200,\"body\":{}},\"error\":null",
        "\"response\":{\"status_code\":201,\"body\":{}},\"error\":{}",
        "\"error\":\"\",\"response\":{\"status_code\":\"200\",\"body\":{\"error\":null}}",
        "\"response\":{\"status_code\":200,\"body\":\"text\"}",
        "\"response\":{\"status_code\":200,\"body\":{\"object\":\"list\",\"usage\":null}}",
        "\"response\":{\"status_code\":true,\"body\":{}}",
        "\"response\":{\"body\":{\"choices\":[]}}"
      })
  void treatsBodyWithoutErrorAsResult(String members) throws IOException {
    assertThat(line(members)).isEqualTo(new AnswerLine("a", true, false, Usage.NONE, STRICT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"response\":{\"status_code\":200,\"body\":null}",
        "\"response\":{\"status_code\":200}",
        "\"response\":{\"status_code\":200,\"body\":{\"error\":{\"message\":\"no\"}}}",
        "\"response\":{\"status_code\":200,\"body\":{\"error\":\"no\"}}",
        "\"response\":{\"status_code\":200,\"body\":{\"object\":\"error\",\"message\":\"no\"}}",
        "\"response\":{\"status_code\":200,\"body\":{}},\"error\":{\"message\":\"no\"}",
        "\"response\":null,\"error\":null",
        "\"response\":null,\"error\":{\"code\":null,\"message\":\"m\"}",
        "\"response\":null,\"error\":{\"code\":501}",
        "\"response\":\"odd\"",
        "\"response\":{}",
        "\"response\":{\"status_code\":\"odd\"},\"error\":{\"code\":\"x\"}",
        "\"response\":{\"status_code\":0,\"body\":{\"choices\":[]}}"
      })
  void treatsErrorWithoutTemporaryCodeAsFinal(String members) throws IOException {
    assertThat(line(members)).isEqualTo(new AnswerLine("a", false, false, Usage.NONE, STRICT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"batch_expired\"",
        "\"batch_cancelled\"",
        "\"request_timeout\"",
        "\"rate_limit_exceeded\"",
        "\"RateLimitError\"",
        "\"rate_limit_error\"",
        "\"overloaded_error\"",
        "\"server_error\"",
        "\"internal_server_error\"",
        "\"service unavailable\"",
        "\"UNAVAILABLE\"",
        "\"timeout\"",
        "408",
        "429",
        "\"429\"",
        "429.0",
        "503",
        "529"
      })
  void retriesTemporaryErrorInAnyPlace(String code) throws IOException {
    String error = "{\"message\":\"m\",\"code\":" + code + ",\"data\":{\"code\":\"x\"}}";
    assertThat(line("\"response\":null,\"error\":" + error).retryable()).isTrue();
    assertThat(line("\"error\":" + error).retryable()).isTrue();
    assertThat(line("\"response\":null,\"error\":{\"type\":%s}".formatted(code)).retryable())
        .isEqualTo(code.startsWith("\""));
    assertThat(line("\"response\":null,\"error\":{\"status\":%s}".formatted(code)).retryable())
        .isTrue();
    assertThat(
            line("\"response\":{\"status_code\":200,\"body\":{\"error\":%s}}".formatted(error))
                .retryable())
        .isTrue();
    assertThat(line("\"response\":{\"status_code\":0},\"error\":" + error).retryable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"response\":{\"status_code\":0}",
        "\"response\":{\"status_code\":\"0\",\"body\":null},\"error\":null",
        "\"response\":{\"status_code\":0},\"error\":{\"code\":\"x\"}"
      })
  void retriesStatusZeroWithoutAnAnswer(String members) throws IOException {
    assertThat(line(members)).isEqualTo(new AnswerLine("a", false, true, Usage.NONE, STRICT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"code\":\"invalid_request\"}",
        "{\"code\":400}",
        "{\"data\":{\"code\":\"batch_expired\"},\"code\":\"content_filter\"}"
      })
  void treatsOtherCodesWithoutResponseAsFinal(String error) throws IOException {
    assertThat(line("\"response\":null,\"error\":" + error).retryable()).isFalse();
  }

  @Test
  void readsLenientJson() throws IOException {
    assertThat(line("\"response\":{\"status_code\":200,\"body\":{\"score\":NaN}}"))
        .isEqualTo(new AnswerLine("a", true, false, Usage.NONE, LENIENT));
    assertThat(read("{\"custom_id\":101,\"response\":{\"status_code\":200,\"body\":{}}}"))
        .isEqualTo(new AnswerLine("101", true, false, Usage.NONE, LENIENT));
    assertThat(
            read("{\"response\":{\"status_code\":20\u0000, \"custom_id\" : \"\\u00fc\\\"\", oops"))
        .isEqualTo(new AnswerLine("ü\"", false, false, Usage.NONE, UNREADABLE));
    assertThat(read("{\"response\":{\"text\":\"\\\"custom_id\\\":\\\"x\\\"\"")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32BE", "UTF-32LE"})
  void acceptsOnlyUtf8(String charset) throws IOException {
    byte[] line =
        "{\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"body\":{}}}"
            .getBytes(Charset.forName(charset));
    assertThat(AnswerLine.read(line, 0, line.length)).isNull();
  }

  @Test
  void rewritesLenientJsonAsStrictJson() throws IOException {
    String odd =
        "{\"custom_id\":101,\"response\":{\"body\":{\"custom_id\":7,\"a\":[NaN,-Infinity,1.50,1E400,]}}}";
    assertThat(new String(LenientJson.strict(odd.getBytes(UTF_8)), UTF_8))
        .isEqualTo(
            "{\"custom_id\":\"101\",\"response\":{\"body\":{\"custom_id\":7,\"a\":[\"NaN\",\"-Infinity\",1.50,1E400]}}}");
  }

  private static AnswerLine responded(int status, String error) throws IOException {
    return line("\"response\":{\"status_code\":%s},\"error\":%s".formatted(status, error));
  }

  private static AnswerLine line(String members) throws IOException {
    return Objects.requireNonNull(read("{\"custom_id\":\"a\"," + members + "}"));
  }

  private static @Nullable AnswerLine read(String text) throws IOException {
    byte[] line = text.getBytes(UTF_8);
    return AnswerLine.read(line, 0, line.length);
  }
}

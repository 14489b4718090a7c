package io.caravan.server.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonBytesTest {

  @Test
  void writesOneLineAndKeepsEveryDigitAndCharacter() {
    String pretty =
        "{\r\n  \"x\": [1e400, 1.10, 12345678901234567890.10],\n  \"y\": \"\\ud83d\"\n}\n";

    assertThat(new String(parsed(pretty).toByteArray(), UTF_8))
        .isEqualTo(pretty.replace('\r', ' ').replace('\n', ' '));
  }

  @ParameterizedTest
  @CsvSource({
    "7,7",
    "18446744073709551617,0",
    "-5,0",
    "1e30,0",
    "99999999999,2147483647",
    "'\"7\"',0"
  })
  void limitsTokenCountsToValidNumbers(String told, long counted) {
    BatchUsage usage = BatchUsage.in(parsed("{\"usage\":{\"prompt_tokens\":%s}}".formatted(told)));

    assertThat(usage.input()).isEqualTo(counted);
  }

  private static JsonBytes parsed(String text) {
    return JsonBytes.parse(text.getBytes(UTF_8)).orElseThrow();
  }
}

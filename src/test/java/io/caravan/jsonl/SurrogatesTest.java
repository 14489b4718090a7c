package io.caravan.jsonl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SurrogatesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cut: \\ud83d",
        "\\uD83D and more",
        "\\ude00\\ud83d",
        "\\ud83d\\ud83d\\ude00",
        "\\\\\\ud83d",
        "\\ud83d\\u0041",
        "\\ud83d\\n",
        "\\udfff"
      })
  void findsUnpairedSurrogates(String text) {
    assertThat(hasHalf(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "\\ud83d\\ude00",
        "\\\\ud83d",
        "\\u00e9\\\\",
        "\\",
        "\\ud83",
        "\uD83D\uDE00 \\\" \\n \\ud83d\\ude00\\ud83d\\ude01"
      })
  void acceptsCompletePairs(String text) {
    assertThat(hasHalf(text)).isFalse();
  }

  private static boolean hasHalf(String text) {
    byte[] bytes = (" " + text).getBytes(UTF_8);
    return Surrogates.hasHalf(bytes, 1, bytes.length - 1);
  }
}

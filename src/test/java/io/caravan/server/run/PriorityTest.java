package io.caravan.server.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what metadata may say about a batch's priority. */
class PriorityTest {
  @ParameterizedTest
  @CsvSource({
    "high, 10, HIGH",
    "HIGH, 7, NORMAL",
    "high, 3, LOW",
    "low, 10, LOW",
    "9, 10, HIGH",
    "7, 10, NORMAL",
    "2, 10, LOW",
    "11, 10, NORMAL",
    "urgent, 10, NORMAL"
  })
  void isCappedByTheOwnersCeiling(String text, int most, Priority expected) {
    assertThat(Priority.of(Map.of("priority", text), most)).isEqualTo(expected);
  }

  @Test
  void isNormalWithoutMetadata() {
    assertThat(Priority.of(null, 10)).isEqualTo(Priority.NORMAL);
    assertThat(Priority.of(Map.of(), 1)).isEqualTo(Priority.LOW);
  }
}

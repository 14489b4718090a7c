package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchStatusTest {
  @ParameterizedTest
  @EnumSource
  void parsesOwnWords(BatchStatus status) {
    assertThat(BatchStatus.of(status.word())).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"In_Progress", "IN_PROGRESS", " in_progress\n"})
  void parsesWordsInAnyCase(String word) {
    assertThat(BatchStatus.of(word)).isEqualTo(BatchStatus.IN_PROGRESS);
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(strings = {"paused", "in progress", "complete"})
  void parsesOtherWordsAsUnknown(@Nullable String word) {
    assertThat(BatchStatus.of(word)).isEqualTo(BatchStatus.UNKNOWN);
  }

  @Test
  void parsesCapitalsInAnyLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr")); // in Turkish, the lower case of I has no dot
      assertThat(BatchStatus.of("VALIDATING")).isEqualTo(BatchStatus.VALIDATING);
      assertThat(BatchStatus.VALIDATING.word()).isEqualTo("validating");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void hasFourTerminalStatuses() {
    assertThat(BatchStatus.values())
        .filteredOn(BatchStatus::terminal)
        .containsExactly(
            BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.EXPIRED, BatchStatus.CANCELLED);
  }
}

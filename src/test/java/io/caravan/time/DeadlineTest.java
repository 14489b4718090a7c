package io.caravan.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static Instant at(String text, String now) {
    return Deadline.of(text, Clock.fixed(Instant.parse(now), BERLIN), BERLIN);
  }

  @ParameterizedTest
  @CsvSource({
    "4h, 2026-11-30T16:00:00Z",
    "90m, 2026-11-30T13:30:00Z",
    "2d, 2026-12-02T12:00:00Z",
    "PT30M, 2026-11-30T12:30:00Z",
    "14:00, 2026-11-30T13:00:00Z",
    "06:00, 2026-12-01T05:00:00Z",
    "2026-12-01T06:00:00Z, 2026-12-01T06:00:00Z",
    "2026-12-01T06:00:00+02:00, 2026-12-01T04:00:00Z",
    "2026-12-01T06:00, 2026-12-01T05:00:00Z"
  })
  void becomesAbsolute(String text, String expected) {
    assertThat(at(text, "2026-11-30T12:00:00Z")).isEqualTo(Instant.parse(expected));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-28T22:00:00Z, 2026-03-29T01:00:00Z",
    "2026-10-24T22:00:00Z, 2026-10-25T00:30:00Z"
  })
  void readsATimeOfDayAtClockChanges(String now, String expected) {
    assertThat(at("02:30", now))
        .isEqualTo(Instant.parse(expected.replace("01:00:00Z", "01:30:00Z")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-11-30T11:59:59Z", "PT0S", "-PT1H"})
  void rejectsThePast(String text) {
    assertThatThrownBy(() -> at(text, "2026-11-30T12:00:00Z"))
        .isInstanceOf(UnfitTimeException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "25:00",
        "4 weeks",
        "400d",
        "2030-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z"
      })
  void rejectsWhatItCannotUse(String text) {
    assertThatThrownBy(() -> at(text, "2026-11-30T12:00:00Z"))
        .isInstanceOf(UnfitTimeException.class)
        .hasMessageContaining("06:00");
  }
}

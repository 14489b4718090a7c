package io.caravan.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SendTimesTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static SendTimes of(String text) {
    return SendTimes.of(text, BERLIN).orElseThrow();
  }

  private static Instant next(String text, String at) {
    return of(text).next(Instant.parse(at));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "02:00 | 2026-11-30T12:00:00Z | 2026-12-01T01:00:00Z",
        "2:00 | 2026-11-30T12:00:00Z | 2026-12-01T01:00:00Z",
        "02:00 | 2026-12-01T01:00:00Z | 2026-12-01T01:00:00Z",
        "02:00 | 2026-12-01T01:00:00.001Z | 2026-12-02T01:00:00Z",
        "02:00 UTC | 2026-11-30T12:00:00Z | 2026-12-01T02:00:00Z",
        "02:00, 14:30 | 2026-11-30T12:00:00Z | 2026-11-30T13:30:00Z",
        "14:30,02:00 | 2026-11-30T13:31:00Z | 2026-12-01T01:00:00Z",
        "0 2 * * 1-5 | 2026-11-27T12:00:00Z | 2026-11-30T01:00:00Z",
        "0 2 * * MON-FRI | 2026-11-27T12:00:00Z | 2026-11-30T01:00:00Z",
        "0 2 * * MON-FRI America/New_York | 2026-11-27T12:00:00Z | 2026-11-30T07:00:00Z",
        "30 0 2 1 * * | 2026-11-30T12:00:00Z | 2026-12-01T01:00:30Z",
        "22:00-06:00 | 2026-11-30T12:00:00Z | 2026-11-30T21:00:00Z",
        "22:00-06:00 | 2026-11-30T23:10:00Z | 2026-11-30T23:10:00Z",
        "22:00-06:00 | 2026-11-30T04:59:59Z | 2026-11-30T04:59:59Z",
        "22:00-06:00 | 2026-11-30T05:00:00Z | 2026-11-30T21:00:00Z",
        "09:00-17:00 | 2026-11-30T16:00:00Z | 2026-12-01T08:00:00Z"
      })
  void comesNext(String text, String at, String expected) {
    assertThat(next(text, at)).isEqualTo(Instant.parse(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // 02:00 to 03:00 does not exist on 2026-03-29, and comes twice on 2026-10-25
        "02:30 | 2026-03-28T12:00:00Z | 2026-03-29T01:30:00Z",
        "02:00 | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        "0 2 * * * | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        "02:30-06:00 | 2026-03-28T12:00:00Z | 2026-03-29T01:30:00Z",
        "02:30 | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z",
        "02:30 | 2026-10-25T00:30:00.001Z | 2026-10-26T01:30:00Z",
        "02:00-06:00 | 2026-10-25T01:30:00Z | 2026-10-25T01:30:00Z"
      })
  void comesOnceADayAtClockChanges(String text, String at, String expected) {
    assertThat(next(text, at)).isEqualTo(Instant.parse(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"02:00", "02:30", "0 2 * * *", "30 2 * * *", "01:00, 02:15, 03:00"})
  void isOncePerDayInAYear(String text) {
    SendTimes times = of(text);
    var days = new ArrayList<String>();
    Instant at = Instant.parse("2026-01-01T00:00:00Z");
    while (at.isBefore(Instant.parse("2027-01-01T00:00:00Z"))) {
      at = times.next(at);
      days.add(at.atZone(BERLIN).toLocalDate().toString());
      at = at.plusMillis(1);
    }

    long perDay = text.chars().filter(it -> it == ',').count() + 1;
    days.removeIf(day -> day.startsWith("2027"));
    assertThat(days.stream().distinct()).hasSizeBetween(365, 366);
    assertThat(days.stream().distinct())
        .allMatch(day -> days.stream().filter(day::equals).count() == perDay);
  }

  @Test
  void anHourlyCronGoesOnInTheHourThatComesTwice() {
    SendTimes times = of("0 * * * *");
    var seen = new ArrayList<Instant>();
    Instant at = Instant.parse("2026-10-24T22:30:00Z");
    for (int i = 0; i < 5; i++) {
      at = times.next(at);
      seen.add(at);
      at = at.plusMillis(1);
    }

    assertThat(seen)
        .isEqualTo(
            List.of(
                Instant.parse("2026-10-24T23:00:00Z"),
                Instant.parse("2026-10-25T00:00:00Z"),
                Instant.parse("2026-10-25T01:00:00Z"),
                Instant.parse("2026-10-25T02:00:00Z"),
                Instant.parse("2026-10-25T03:00:00Z")));
  }

  @Test
  void onlyAWindowCloses() {
    assertThat(of("22:00-06:00").isOpen(Instant.parse("2026-11-30T12:00:00Z"))).isFalse();
    assertThat(of("22:00-06:00").isOpen(Instant.parse("2026-11-30T22:00:00Z"))).isTrue();
    assertThat(of("02:00").isOpen(Instant.parse("2026-11-30T12:00:00Z"))).isTrue();
  }

  @Test
  void isEmptyWithoutText() {
    assertThat(SendTimes.of("  ", BERLIN)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "25:00",
        "2 am",
        "22:00-22:00",
        "0 2 * *",
        "0 2 30 2 *",
        "02:00 Europa/Berlin",
        "*"
      })
  void rejectsWhatItCannotUse(String text) {
    assertThatThrownBy(() -> of(text))
        .isInstanceOf(UnfitTimeException.class)
        .hasMessageContaining(text)
        .hasMessageContaining("02:00, 14:30");
  }
}

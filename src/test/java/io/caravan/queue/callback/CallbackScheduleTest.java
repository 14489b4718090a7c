package io.caravan.queue.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallbackScheduleTest {
  private static final Instant NOON = Instant.parse("2027-03-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);

  @ParameterizedTest
  @CsvSource({
    "1, PT5S",
    "2, PT5M",
    "3, PT30M",
    "4, PT2H",
    "5, PT5H",
    "6, PT10H",
    "7, PT14H",
    "8, PT20H",
    "9, PT24H"
  })
  void growsWithFailures(int failures, Duration delay) {
    assertThat(CallbackSchedule.delay(failures).orElseThrow())
        .isBetween(delay, delay.multipliedBy(11).dividedBy(10));
  }

  @Test
  void endsAfterTenAttempts() {
    assertThat(CallbackSchedule.delay(10)).isEmpty();
    assertThat(CallbackSchedule.delay(11)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "429, 90, 2027-03-01T12:01:30Z",
    "502, 90, 2027-03-01T12:01:30Z",
    "503, 'Mon, 01 Mar 2027 13:00:00 GMT', 2027-03-01T13:00:00Z",
    "504, 99999999999999999999, 2027-03-02T12:00:00Z",
    "503, 86401, 2027-03-02T12:00:00Z"
  })
  void holdsAsLongAsReceiverAsks(int answer, String retryAfter, Instant until) {
    assertThat(CallbackSchedule.holdUntil(answer, retryAfter, CLOCK)).contains(until);
  }

  @ParameterizedTest
  @CsvSource({
    "500, 90",
    "404, 90",
    "429, ",
    "429, soon",
    "429, -1",
    "429, 0",
    "503, 'Mon, 01 Mar 2027 11:00:00 GMT'"
  })
  void ignoresOtherHeaders(int answer, String retryAfter) {
    assertThat(CallbackSchedule.holdUntil(answer, retryAfter, CLOCK)).isEmpty();
  }
}

package io.caravan.call;

import static io.caravan.call.TemporaryFailures.BATCH_CALL;
import static io.caravan.call.TemporaryFailures.BATCH_LINE;
import static io.caravan.call.TemporaryFailures.SINGLE_REQUEST;
import static io.caravan.call.TemporaryFailures.SYNCHRONOUS_CALL;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporaryFailuresTest {
  @ParameterizedTest
  @CsvSource({
    "200, false, false, false, false",
    "400, false, false, false, false",
    "408, true, true, true, true",
    "409, true, false, true, true",
    "425, true, true, false, true",
    "429, true, true, true, true",
    "498, false, false, false, true",
    "500, true, true, true, true",
    "501, false, false, false, false",
    "503, true, true, true, true",
    "505, false, false, false, false",
    "529, true, true, true, true"
  })
  void tablesDifferByStatus(
      int status, boolean batchCall, boolean batchLine, boolean single, boolean synchronous) {
    assertThat(BATCH_CALL.include(status)).isEqualTo(batchCall);
    assertThat(BATCH_LINE.include(status)).isEqualTo(batchLine);
    assertThat(BATCH_LINE.include("" + status)).isEqualTo(batchLine);
    assertThat(SINGLE_REQUEST.include(status)).isEqualTo(single);
    assertThat(SYNCHRONOUS_CALL.include(status)).isEqualTo(synchronous);
  }

  @ParameterizedTest
  @CsvSource({
    "batch_expired, true",
    "rate_limit_exceeded, true",
    "overloaded_error, true",
    "internal_server_error, true",
    "request_timeout, true",
    "service_unavailable, true",
    "insufficient_quota, false",
    "invalid_request_error, false",
    "999, false"
  })
  void onlyLinesOfBatchesAreJudgedByWords(String code, boolean temporary) {
    assertThat(BATCH_LINE.include(code)).isEqualTo(temporary);
    assertThat(BATCH_CALL.include(code)).isFalse();
    assertThat(SINGLE_REQUEST.include(code)).isFalse();
  }

  @Test
  void tablesDifferByCodesForLackOfCredit() {
    assertThat(BATCH_CALL.isNoCredit("insufficient_quota")).isTrue();
    assertThat(BATCH_CALL.isNoCredit("billing_not_active")).isTrue();
    assertThat(SYNCHRONOUS_CALL.isNoCredit("billing_hard_limit_reached")).isTrue();
    assertThat(SINGLE_REQUEST.isNoCredit("insufficient_quota")).isTrue();
    assertThat(SINGLE_REQUEST.isNoCredit("billing_not_active")).isFalse();
    assertThat(BATCH_LINE.isNoCredit("insufficient_quota")).isFalse();
  }
}

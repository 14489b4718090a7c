package io.caravan.queue.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

class PreferenceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          wait=30                  | 30
          respond-async, wait = 10 | 10
          Wait="7"; x=1            | 7
          wait=999999999           | 120
          wait=-1                  |
          wait=99999999999999      |
          handling=lenient         |
          """)
  void readsWait(String header, @Nullable Long seconds) {
    var call = new MockHttpServletRequest();
    call.addHeader("Prefer", header);

    assertThat(Preference.wait(call))
        .isEqualTo(Optional.ofNullable(seconds).map(Duration::ofSeconds));
  }
}

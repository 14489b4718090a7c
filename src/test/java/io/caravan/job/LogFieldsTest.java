package io.caravan.job;

import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** Tests the structured fields of log lines. */
class LogFieldsTest {
  @AfterEach
  void forget() {
    MDC.clear();
  }

  @Test
  void areSetForRowAndRestored() {
    Part sent = part(job("j"), 1).with(b -> b.submission(b.submission().withBatchId("batch_1")));
    LogFields outer = LogFields.of(sent);
    Map<String, String> ofThePart = MDC.getCopyOfContextMap();
    LogFields.about(
        job("k"),
        () ->
            assertThat(MDC.getCopyOfContextMap())
                .isEqualTo(Map.of("job", "k", "pipeline", "default")));

    assertThat(MDC.getCopyOfContextMap())
        .isEqualTo(ofThePart)
        .isEqualTo(Map.of("job", "j", "part", "j-1", "batch", "batch_1", "pipeline", "default"));
    outer.close();
    assertThat(MDC.get("job")).isNull();
  }
}

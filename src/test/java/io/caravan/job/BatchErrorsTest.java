package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BatchErrorsTest {
  @Test
  void storesAndReadsErrors() {
    var errors =
        List.of(
            new BatchError("invalid_url", "it's \"ä\"", "url", 2L),
            new BatchError(null, "bare", null, null));

    assertThat(BatchErrors.read(BatchErrors.write(errors))).isEqualTo(errors);
    assertThat(BatchErrors.write(List.of())).isNull();
    assertThat(BatchErrors.read(null)).isEmpty();
  }
}

package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JobTest {
  @Test
  void keepsControlCharactersOutOfLogs() {
    var job = Rows.job("a").with(b -> b.file(b.file().withName("x\n12:00 INFO\u001b[31m.jsonl")));

    assertThat(job.label()).isEqualTo("x?12:00 INFO?[31m.jsonl");
  }
}

package io.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
  @ParameterizedTest
  @CsvSource({
    "x.jsonl, x, x.job.jsonl",
    "x.JSONL.gz, x, x.job.JSONL.gz",
    "a.b.jsonl, a.b, a.b.job.jsonl",
    "in/x.jsonl, in/x, in/x.job.jsonl",
    "message, message, message.job"
  })
  void takesTheEndingOffAndPutsTheIdBeforeIt(String name, String stem, String withId) {
    assertThat(FileNames.stem(name)).isEqualTo(stem);
    assertThat(FileNames.withId(name, "job")).isEqualTo(withId);
  }

  @Test
  void leavesRoomBehindALongNameWithoutCuttingALetterInTwo() {
    String name = "sub/" + "€😀".repeat(35) + ".jsonl";

    String stem = FileNames.stem(name);

    assertThat(stem).startsWith("sub/€😀").doesNotContain("\uFFFD");
    assertThat(stem.getBytes(StandardCharsets.UTF_8).length).isBetween(197 + 4, 200 + 4);
    assertThat(new String(stem.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(stem);
  }
}

package io.caravan.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
  @ParameterizedTest
  @CsvSource({
    "x.jsonl, x, x.job.jsonl",
    "x.JSONL.gz, x, x.job.JSONL.gz",
    "a.b.jsonl, a.b, a.b.job.jsonl",
    "in/x.jsonl, in/x, in/x.job.jsonl",
    "message, message, message.job",
    "../../x.jsonl, _/_/x, _/_/x.job.jsonl",
    "/a//./x.jsonl, a/_/x, a/_/x.job.jsonl",
    "..\\x.jsonl, .._x, .._x.job.jsonl"
  })
  void removesTheEndingAndInsertsTheIdBeforeIt(String name, String stem, String withId) {
    assertThat(FileNames.stem(name)).isEqualTo(stem);
    assertThat(FileNames.withId(name, "job")).isEqualTo(withId);
  }

  @Test
  void replacesControlCharacters() {
    assertThat(FileNames.stem("a\nb\u0000c/\u007fd.jsonl")).isEqualTo("a_b_c/_d");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 200, 600, 1018})
  void keepsKeysWithinTheLimitOfS3(int length) {
    for (String name :
        List.of("n".repeat(length), "f/".repeat(length / 2), "ü".repeat(length / 2))) {
      String key = FileNames.key("a-longer-prefix/", name + "x.jsonl");

      assertThat(key).startsWith("a-longer-prefix/").endsWith(".jsonl");
      assertThat(key.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(1024);
    }
  }

  @Test
  void keepsShortKeysExceptForDotSegments() {
    assertThat(FileNames.key("accepted/", "...a//b..\n.jsonl"))
        .isEqualTo("accepted/...a//b..\n.jsonl");
    assertThat(FileNames.key("accepted/", "../a/./../..b/.jsonl"))
        .isEqualTo("accepted/_/a/_/_/..b/.jsonl");
  }

  @Test
  void shortensLongNamesAtCharacterBoundaries() {
    String name = "sub/" + "€😀".repeat(35) + ".jsonl";

    String stem = FileNames.stem(name);

    assertThat(stem).startsWith("sub/€😀").doesNotContain("\uFFFD");
    assertThat(stem.getBytes(StandardCharsets.UTF_8).length).isBetween(197 + 4, 200 + 4);
    assertThat(new String(stem.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(stem);
  }
}

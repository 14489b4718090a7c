package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobIdTest {
  private static final List<String> MANY = Stream.generate(JobId::next).limit(10_000).toList();

  @Test
  void fitsInFileNames() {
    assertThat(MANY).allMatch(id -> id.matches("[a-z2-9]{10}"));
  }

  @Test
  void avoidsAmbiguousLetters() {
    assertThat(String.join("", MANY)).doesNotContain("l", "0", "1");
  }

  @Test
  void isUnique() {
    assertThat(MANY).doesNotHaveDuplicates();
  }
}

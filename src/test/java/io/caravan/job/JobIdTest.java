package io.caravan.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JobIdTest {
  private static final List<String> MANY = Stream.generate(JobId::next).limit(10_000).toList();

  @Test
  void isShortAndPlainEnoughForAFileName() {
    assertThat(MANY).allMatch(id -> id.matches("[a-z2-9]{10}"));
  }

  @Test
  void hasNoLettersThatAreTakenForOthers() {
    assertThat(String.join("", MANY)).doesNotContain("l", "0", "1");
  }

  @Test
  void neverComesTwice() {
    assertThat(MANY).doesNotHaveDuplicates();
  }
}

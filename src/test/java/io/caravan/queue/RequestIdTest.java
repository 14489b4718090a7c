package io.caravan.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RequestIdTest {
  @Test
  void sortsByTheOrderOfGeneration() {
    var ids = new RequestId(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

    List<String> generated = Stream.generate(ids::next).limit(100_000).toList();

    assertThat(generated).isSorted().doesNotHaveDuplicates();
    assertThat(generated).allMatch(id -> id.matches("req_[0-9a-z]{27}"));
  }
}

package io.caravan.jsonl.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CustomIdIndexTest {
  @Test
  void findsEveryIdAndNoOther() throws IOException {
    CustomIdIndex index = new CustomIdIndex(i -> "r-" + i, 0);
    for (int i = 0; i < 100_000; i++) {
      assertThat(index.add("r-" + i, i)).isEqualTo(CustomIdIndex.ABSENT);
    }
    for (int i = 0; i < 100_000; i++) {
      assertThat(index.find("r-" + i)).isEqualTo(i);
      assertThat(index.find("s-" + i)).isEqualTo(CustomIdIndex.ABSENT);
    }
    assertThat(index.add("r-7", 100_000)).isEqualTo(7);
    assertThat(index.find("r-99999")).isEqualTo(99_999);
  }

  @Test
  void storesPlacesOfLargeFiles() throws IOException {
    long last = (1L << 40) - 2;
    CustomIdIndex index = new CustomIdIndex(place -> "p-" + place, 0);

    index.add("p-" + last, last);
    index.add("p-0", 0);

    assertThat(index.find("p-" + last)).isEqualTo(last);
    assertThat(index.find("p-0")).isZero();
    assertThatThrownBy(() -> index.add("x", last + 1)).hasMessageContaining("terabyte");
  }

  @Test
  void staysExactDespiteHashCollisions() throws IOException {
    CustomIdIndex index = new CustomIdIndex(i -> "r-" + i, 0, id -> 42);
    for (int i = 0; i < 2_000; i++) {
      assertThat(index.add("r-" + i, i)).isEqualTo(CustomIdIndex.ABSENT);
    }
    assertThat(index.find("r-1234")).isEqualTo(1234);
    assertThat(index.find("r-2000")).isEqualTo(CustomIdIndex.ABSENT);
  }

  @Test
  void hashesDifferentIdsDifferently() {
    KeyedHash hash = KeyedHash.random();
    Set<Long> hashes = new HashSet<>();
    StringBuilder zeros = new StringBuilder();
    for (int i = 0; i < 512; i++) {
      hashes.add(hash.of(zeros.toString()));
      hashes.add(hash.of("request-" + i));
      zeros.append('\0');
    }
    assertThat(hashes).hasSize(1024);
    assertThat(KeyedHash.random().of("r-1")).isNotEqualTo(hash.of("r-1"));
  }
}

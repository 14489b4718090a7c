package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests two installations that share only an inbox. */
class SharedInboxJourneyTest {
  private static final int FILES = 12;

  @Test
  void acceptsEachFileOnce(@TempDir Path first, @TempDir Path second) throws IOException {
    try (TestCaravan one = TestCaravan.in(first);
        TestCaravan other = TestCaravan.in(second).with("caravan.inbox", one.inbox())) {
      one.start();
      other.start();

      for (int file = 0; file < FILES; file++) {
        one.drop("f%d.jsonl".formatted(file), Line.embedding("r", "text " + file));
      }

      await().until(() -> taken(one).size() + taken(other).size() >= FILES);
      await().until(() -> isEmpty(one.inbox()));
      List<String> all = new ArrayList<>(taken(one));
      all.addAll(taken(other));
      assertThat(all).hasSize(FILES).doesNotHaveDuplicates();
    }
  }

  private static List<String> taken(TestCaravan caravan) throws IOException {
    Path reports = caravan.outbox().resolve("reports");
    if (!Files.exists(reports)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(reports)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(it -> !it.startsWith("."))
          .toList();
    }
  }

  private static boolean isEmpty(Path inbox) throws IOException {
    try (Stream<Path> files = Files.list(inbox)) {
      return files.filter(Files::isRegularFile).findAny().isEmpty();
    }
  }
}

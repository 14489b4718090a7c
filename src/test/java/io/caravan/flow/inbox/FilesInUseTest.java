package io.caravan.flow.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import io.caravan.TestClock;
import io.caravan.job.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(LINUX)
class FilesInUseTest {
  @TempDir private Path folder;
  private final TestClock clock = new TestClock(Rows.NOON);
  private final FilesInUse openFiles = new FilesInUse(clock);

  @ParameterizedTest
  @ValueSource(strings = {"x.jsonl", "X.JSONL", "x.jsonl.gz", "größe 雪.Jsonl"})
  void findsAFileThatIsBeingWritten(String name) throws IOException {
    Path file = Files.createFile(folder.resolve(name));
    try (var writer = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      writer.write('{');
      assertThat(isBeingWritten(file)).isTrue();
    }
    assertThat(isBeingWritten(file)).isFalse();
  }

  @Test
  void findsAFileThroughALink() throws IOException {
    Path file = Files.createFile(folder.resolve("x.jsonl"));
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), file);
    try (var writer = Files.newOutputStream(file)) {
      writer.write('{');
      assertThat(isBeingWritten(link)).isTrue();
    }
  }

  @Test
  void ignoresReaders() throws IOException {
    Path file = Files.writeString(folder.resolve("x.jsonl"), "{}\n");
    try (var reader = Files.newInputStream(file)) {
      assertThat(reader.read()).isEqualTo('{');
      assertThat(isBeingWritten(file)).isFalse();
    }
  }

  @Test
  void scansAtMostFiveTimesASecond() throws IOException {
    Path file = Files.createFile(folder.resolve("x.jsonl"));
    assertThat(openFiles.isBeingWritten(file)).isFalse();
    try (var writer = Files.newOutputStream(file)) {
      writer.write('{');
      clock.advance(Duration.ofMillis(200));
      assertThat(openFiles.isBeingWritten(file)).isFalse();
      clock.advance(Duration.ofMillis(1));
      assertThat(openFiles.isBeingWritten(file)).isTrue();
    }
  }

  @Test
  void scansAgainWhenTheClockWasSetBack() throws IOException {
    Path file = Files.createFile(folder.resolve("x.jsonl"));
    assertThat(openFiles.isBeingWritten(file)).isFalse();
    try (var writer = Files.newOutputStream(file)) {
      writer.write('{');
      clock.advance(Duration.ofHours(-1));
      assertThat(openFiles.isBeingWritten(file)).isTrue();
    }
  }

  @Test
  void findsAllFilesWhileOthersOpenAndClose() throws IOException {
    Path busy = Files.createFile(folder.resolve("busy.log"));
    Path file = Files.createFile(folder.resolve("x.jsonl"));
    var over = new AtomicBoolean();
    try (var pool = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 2; i++) {
        pool.execute(() -> openAndClose(busy, over));
      }
      try (var writer = Files.newOutputStream(file)) {
        writer.write('{');
        for (int i = 0; i < 30; i++) {
          assertThat(isBeingWritten(file)).isTrue();
        }
      } finally {
        over.set(true);
      }
    }
  }

  private static void openAndClose(Path file, AtomicBoolean over) {
    while (!over.get()) {
      try (var a = Files.newInputStream(file);
          var b = Files.newInputStream(file)) {
        assertThat(a.read()).isEqualTo(b.read());
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private boolean isBeingWritten(Path file) throws IOException {
    clock.advance(Duration.ofSeconds(1));
    return openFiles.isBeingWritten(file);
  }
}

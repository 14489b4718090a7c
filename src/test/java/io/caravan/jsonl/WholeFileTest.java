package io.caravan.jsonl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("x.jsonl");
  }

  @Test
  void appearsOnlyWhenCommitted() throws IOException {
    try (WholeFile out = new WholeFile(file)) {
      out.write("whole".getBytes(UTF_8));
      assertThat(names()).singleElement().asString().matches("x\\.jsonl\\.[0-9a-f]{1,16}\\.tmp");
      out.commit();
    }
    assertThat(names()).containsExactly("x.jsonl");
    assertThat(file).hasContent("whole");
  }

  @Test
  void leavesNothingUnlessCommitted() throws IOException {
    try (WholeFile out = new WholeFile(file)) {
      out.write("half".getBytes(UTF_8));
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void continuesAfterSuspend() throws IOException {
    try (WholeFile out = new WholeFile(file, 8)) {
      for (String piece : List.of("first ", "and a second one ", "and third")) {
        out.write(piece.getBytes(UTF_8));
        out.suspend();
      }
      assertThat(names()).singleElement().asString().endsWith(".tmp");
      assertThat(out.bytes()).isEqualTo(32);
      out.commit();
    }
    assertThat(names()).containsExactly("x.jsonl");
    assertThat(file).hasContent("first and a second one and third");
  }

  @Test
  void leavesNothingAfterSuspendUnlessCommitted() throws IOException {
    try (WholeFile out = new WholeFile(file, 8)) {
      out.write("half of it".getBytes(UTF_8));
      out.suspend();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void keepsUnfinishedFileOfAnotherProcess() throws IOException {
    Path foreign = Files.writeString(folder.resolve("x.jsonl.tmp"), "not ours");
    try (WholeFile out = new WholeFile(file)) {
      out.write("ours".getBytes(UTF_8));
      out.commit();
    }
    assertThat(foreign).hasContent("not ours");
    assertThat(file).hasContent("ours");
  }

  @Test
  void keepsExistingFileIfNothingWasWritten() throws IOException {
    Files.writeString(file, "earlier");
    try (WholeFile out = new WholeFile(file)) {
      out.commitUnlessEmpty();
    }
    assertThat(file).hasContent("earlier");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(found -> found.getFileName().toString()).sorted().toList();
    }
  }
}

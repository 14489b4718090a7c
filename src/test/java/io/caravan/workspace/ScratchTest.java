package io.caravan.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchTest {
  @TempDir private Path parent;

  @Test
  void deletesWhatAKilledProcessLeft() throws IOException {
    Path left = Files.createDirectories(parent.resolve("left"));
    Files.writeString(left.resolve("body"), "x");
    Files.createFile(parent.resolve("left.lock")); // which nobody holds

    try (var scratch = new Scratch(parent)) {
      assertThat(scratch.path()).isEmptyDirectory();
      assertThat(left).doesNotExist();
      assertThat(parent.resolve("left.lock")).doesNotExist();
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void keepsWhatIsInUse() throws IOException {
    try (var other = new Scratch(parent)) {
      Path body = Files.writeString(other.path().resolve("body"), "x");

      try (var scratch = new Scratch(parent)) {
        assertThat(scratch.path()).isNotEqualTo(other.path());
        assertThat(body).exists();
        assertThat(isLocked(parent.resolve(other.path().getFileName() + ".lock"))).isTrue();
      }
      assertThat(body).exists();
    }
  }

  /** As other processes see it. */
  private static boolean isLocked(Path file) throws IOException {
    Path locks = Path.of("/proc/locks");
    return !Files.exists(locks)
        || Files.readString(locks).contains(":" + Files.getAttribute(file, "unix:ino") + " ");
  }
}

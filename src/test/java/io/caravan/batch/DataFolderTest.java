package io.caravan.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir private Path folder;

  @Test
  void isMadeWhenItIsNotThere() throws IOException {
    try (DataFolder data = DataFolder.open(folder.resolve("a/b"))) {
      assertThat(data.path()).isEqualTo(folder.resolve("a/b")).isDirectory();
    }
  }

  @Test
  void tellsWhoHasIt() throws IOException {
    try (DataFolder data = DataFolder.open(folder)) {
      assertThat(data.path().resolve("caravan.lock"))
          .hasContent(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void belongsToOneAtATime() throws IOException {
    try (DataFolder first = DataFolder.open(folder)) {
      assertThatThrownBy(() -> DataFolder.open(first.path()))
          .isInstanceOfSatisfying(
              CannotStartException.class,
              e -> {
                assertThat(e)
                    .hasMessage("Another Caravan is running on the data folder " + folder + ".");
                assertThat(e.action()).contains("inbox", "CARAVAN_DATA");
              });
    }
  }

  @Test
  void isFreeAgainAfterTheEnd() throws IOException {
    DataFolder.open(folder).close();

    DataFolder.open(folder).close();
  }

  @Test
  void saysWhatToDoWhenItCannotBeUsed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> DataFolder.open(file))
        .isInstanceOfSatisfying(
            CannotStartException.class,
            e -> {
              assertThat(e).hasMessageStartingWith("The data folder " + file + " cannot be used: ");
              assertThat(e.action()).contains("writable", "CARAVAN_DATA");
            });
  }
}

package io.caravan.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.disk.PrivateFolder;
import io.caravan.job.CannotStartException;
import io.caravan.job.StoreId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir private Path folder;

  @Test
  void isCreatedWhenMissing() throws IOException {
    try (DataFolder data = DataFolder.open(folder.resolve("a/b"))) {
      assertThat(data.path()).isEqualTo(folder.resolve("a/b")).isDirectory();
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void isPrivateToItsUser() throws IOException {
    try (DataFolder data = DataFolder.open(folder.resolve("a"));
        DataFolder shared = DataFolder.share(folder.resolve("b"))) {
      assertThat(permissions(data.path())).isEqualTo("rwx------");
      assertThat(permissions(shared.path())).isEqualTo("rwx------");
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void keepsExistingPermissions() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));

    try (DataFolder data = DataFolder.open(folder)) {
      assertThat(permissions(data.path())).isEqualTo("rwxr-x---");
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void createsPrivateFilesInSharedFolder() throws IOException {
    PrivateFolder.create(folder.resolve("workspace"));
    PrivateFolder.createFile(folder.resolve("caravan.db"));

    assertThat(permissions(folder.resolve("workspace"))).isEqualTo("rwx------");
    assertThat(permissions(folder.resolve("caravan.db"))).isEqualTo("rw-------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void writesProcessIdToLockFile() throws IOException {
    try (DataFolder data = DataFolder.open(folder)) {
      assertThat(data.path().resolve("caravan.lock"))
          .hasContent(Long.toString(ProcessHandle.current().pid()));
    }
  }

  @Test
  void rejectsSecondProcess() throws IOException {
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
  void isUnlockedAfterClose() throws IOException {
    DataFolder.open(folder).close();

    DataFolder.open(folder).close();
  }

  @Test
  void rejectsForeignStore() throws IOException {
    try (DataFolder data = DataFolder.open(folder)) {
      Files.writeString(folder.resolve("store-id"), "o"); // incomplete after a crash
      data.belongTo(new StoreId("one"), "x.db");
      data.belongTo(new StoreId("one"), "x.db");

      assertThatThrownBy(() -> data.belongTo(new StoreId("other"), "x.db"))
          .isInstanceOfSatisfying(
              CannotStartException.class,
              e -> {
                assertThat(e).hasMessageStartingWith("The store x.db is not the one that the data");
                assertThat(e.action()).contains("backup", "store-id", "lost");
              });
    }
  }

  @Test
  void detectsWhetherItIsLocked() throws IOException {
    assertThat(DataFolder.isTaken(folder)).isFalse();
    try (DataFolder data = DataFolder.open(folder)) {
      assertThat(DataFolder.isTaken(data.path())).isTrue();
    }
    assertThat(DataFolder.isTaken(folder)).isFalse();
  }

  @Test
  void explainsWhatToDoWhenUnusable() throws IOException {
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

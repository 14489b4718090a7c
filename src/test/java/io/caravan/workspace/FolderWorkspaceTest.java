package io.caravan.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FolderWorkspaceTest extends WorkspaceContract {
  @Override
  Workspace open(Clock clock) throws IOException {
    Path root = Files.createDirectories(folder.resolve("workspace"));
    return new Workspace(new FolderStorage(root, clock), replica);
  }

  @Test
  void listsFilesLeftByKilledProcess() throws IOException {
    Workspace workspace = open(Clock.systemUTC());
    write(workspace, "a", "one");

    assertThat(workspace.leftAtStart()).containsExactly("a");
    assertThat(workspace).hasToString(folder.resolve("workspace").toString());
  }

  @Test
  void keepsLostFilesForAWeek() throws IOException {
    Workspace workspace = open(Clock.systemUTC());
    write(workspace, "a", "one");

    workspace.lose("a");

    assertThat(workspace.jobIds()).isEmpty();
    Path lost = folder.resolve("lost/a");
    assertThat(lost).isNotEmptyDirectory();
    open(Clock.offset(Clock.systemUTC(), Duration.ofDays(6))).sweep();
    assertThat(lost).exists();
    open(Clock.offset(Clock.systemUTC(), Duration.ofDays(8))).sweep();
    assertThat(lost).doesNotExist();
  }

  @Test
  void createsNoFolderOnRead() throws IOException {
    Workspace workspace = open(Clock.systemUTC());
    try (JobFiles files = workspace.open("a")) {
      assertThat(files.input()).doesNotExist();
    }

    assertThat(workspace.root()).isEmptyDirectory();
  }
}

package io.caravan.batch;

import static io.caravan.batch.Rows.job;
import static io.caravan.batch.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkspaceTest {
  @TempDir private Path root;
  private Workspace workspace;

  @BeforeEach
  void openWorkspace() {
    workspace = new Workspace(root);
  }

  @Test
  void keepsTheFilesOfAJobTogether() {
    Part second = part(job("a"), 2);

    assertThat(workspace.input("a")).isEqualTo(root.resolve("a/input.jsonl"));
    assertThat(workspace.part(second)).isEqualTo(root.resolve("a/part-2.jsonl"));
    assertThat(workspace.output(second)).isEqualTo(root.resolve("a/part-2.output.jsonl"));
    assertThat(workspace.error(second)).isEqualTo(root.resolve("a/part-2.error.jsonl"));
    assertThat(workspace.results("a")).isEqualTo(root.resolve("a/results.jsonl"));
    assertThat(workspace.errors("a")).isEqualTo(root.resolve("a/errors.jsonl"));
  }

  @Test
  void knowsTheFoldersThatWereMade() throws IOException {
    assertThat(workspace.jobIds()).isEmpty();
    workspace.folder("a");
    workspace.folder("a");
    workspace.folder("b");

    assertThat(workspace.jobIds()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void forgetsOneJobAndKeepsTheOthers() throws IOException {
    Files.writeString(workspace.folder("a").resolve("input.jsonl"), "{}\n");
    Files.createDirectories(workspace.folder("a").resolve("deeper/still"));
    Files.writeString(workspace.folder("b").resolve("input.jsonl"), "{}\n");

    workspace.drop("a");

    assertThat(workspace.jobIds()).containsExactly("b");
    assertThat(workspace.input("b")).exists();
  }

  @Test
  void knowsWhoMadeAFolderAndWhetherItIsIdle() throws IOException {
    workspace.folder("mine");
    Path file = Files.createFile(workspace.folderByOperator("theirs").resolve("input.jsonl"));

    assertThat(workspace.isByOperator("mine")).isFalse();
    assertThat(workspace.isByOperator("theirs")).isTrue();
    assertThat(workspace.isIdle("theirs", Duration.ofMinutes(1))).isFalse();
    FileTime longAgo = FileTime.from(Instant.now().minusSeconds(90));
    for (Path each : List.of(file, file.resolveSibling("by-operator"), file.getParent())) {
      Files.setLastModifiedTime(each, longAgo);
    }
    assertThat(workspace.isIdle("theirs", Duration.ofMinutes(1))).isTrue();
  }

  @Test
  void forgetsAJobThatIsForgotten() {
    assertThatCode(() -> workspace.drop("nobody")).doesNotThrowAnyException();
  }
}

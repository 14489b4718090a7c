package io.caravan.batch;

import static io.caravan.batch.Rows.job;
import static io.caravan.batch.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  void forgetsAJobThatIsForgotten() {
    assertThatCode(() -> workspace.drop("nobody")).doesNotThrowAnyException();
  }
}

package io.caravan.workspace;

import static io.caravan.job.Rows.job;
import static io.caravan.job.Rows.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.job.Part;
import io.caravan.job.SqliteStore;
import io.caravan.lease.Replica;
import io.caravan.lease.StaleRowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Contract of every workspace storage. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WorkspaceContract {
  static final int LARGE = 20 << 20;

  @TempDir Path folder;
  private SqliteStore sqlite;
  Replica replica;
  private Workspace workspace;

  /** Opens the same files as another process. */
  abstract Workspace open(Clock clock) throws IOException;

  @BeforeAll
  void startReplica() throws IOException {
    sqlite = SqliteStore.in(Files.createTempDirectory("caravan-workspace"));
    replica = sqlite.processes().replica();
  }

  @AfterAll
  void stopReplica() {
    sqlite.close();
  }

  @BeforeEach
  void openWorkspace() throws IOException {
    workspace = open(Clock.systemUTC());
  }

  Workspace later(Duration time) throws IOException {
    return open(Clock.offset(Clock.systemUTC(), time));
  }

  static void write(Workspace workspace, String jobId, String content) throws IOException {
    try (JobFiles files = workspace.open(jobId)) {
      files.keep(Files.writeString(files.toWrite().input(), content));
    }
  }

  static String read(Workspace workspace, String jobId) throws IOException {
    try (JobFiles files = workspace.open(jobId)) {
      return Files.readString(files.input());
    }
  }

  @Test
  void sharesKeptFilesWithOtherProcesses() throws IOException {
    write(workspace, "a", "{}\n");

    assertThat(read(workspace, "a")).isEqualTo("{}\n");
    assertThat(read(open(Clock.systemUTC()), "a")).isEqualTo("{}\n");
  }

  @Test
  void keepsEmptyFile() throws IOException {
    write(workspace, "a", "");

    assertThat(read(open(Clock.systemUTC()), "a")).isEmpty();
  }

  @Test
  void keepsAllFilesOfJob() throws IOException {
    Part second = part(job("a"), 2);
    try (JobFiles files = workspace.open(second)) {
      JobPaths paths = files.toWrite();
      for (Path each :
          new Path[] {
            paths.part(second),
            paths.output(second),
            paths.error(second),
            paths.reasons(second),
            paths.results(),
            paths.errors(),
            paths.folder().resolve("requests.idx")
          }) {
        files.keep(Files.writeString(each, each.getFileName().toString()));
      }
    }
    try (JobFiles files = open(Clock.systemUTC()).open(job("a"))) {
      assertThat(files.part(second)).hasContent("part-2.jsonl");
      assertThat(files.output(second)).hasContent("part-2.output.jsonl");
      assertThat(files.error(second)).hasContent("part-2.error.jsonl");
      assertThat(files.reasons(second)).hasContent("part-2.reasons.jsonl");
      assertThat(files.results()).hasContent("results.jsonl");
      assertThat(files.errors()).hasContent("errors.jsonl");
      assertThat(files.split().resolve("requests.idx")).hasContent("requests.idx");
    }
  }

  @Test
  void findsNoFilesOfUnknownJob() throws IOException {
    try (JobFiles files = workspace.open("nobody")) {
      assertThat(files.input()).doesNotExist();
      assertThat(files.split().resolve("requests.idx")).doesNotExist();
    }
    assertThat(workspace.jobIds()).isEmpty();
  }

  @Test
  void readsFileReplacedByOtherProcess() throws IOException {
    write(workspace, "a", "one");
    Workspace other = open(Clock.systemUTC());
    try (JobFiles files = other.open("a")) {
      assertThat(files.input()).hasContent("one");
      write(workspace, "a", "two");

      assertThat(files.input()).hasContent("two");
    }
    write(other, "a", "three");
    assertThat(read(workspace, "a")).isEqualTo("three");
  }

  @Test
  void keepsLargeFiles() throws IOException {
    byte[] content = new byte[LARGE + 1];
    new Random(1).nextBytes(content);
    for (int time = 0; time < 2; time++) {
      try (JobFiles files = workspace.open("a")) {
        files.keep(Files.write(files.toWrite().results(), content));
      }
      try (JobFiles files = open(Clock.systemUTC()).open("a")) {
        assertThat(Files.readAllBytes(files.results())).isEqualTo(content);
      }
      content[LARGE]++;
    }
  }

  @Test
  void keepsNothingForRowOfOtherReplica() throws IOException {
    try (JobFiles files = workspace.open(job("a").withOwner("another replica"))) {
      Path input = Files.writeString(files.toWrite().input(), "{}\n");

      assertThatThrownBy(() -> files.keep(input)).isInstanceOf(StaleRowException.class);
    }
  }

  @Test
  void dropsOnlyOneJob() throws IOException {
    write(workspace, "a", "one");
    write(workspace, "b", "two");
    assertThat(workspace.jobIds()).containsExactlyInAnyOrder("a", "b");

    open(Clock.systemUTC()).drop("a");

    assertThat(workspace.jobIds()).containsExactly("b");
    try (JobFiles files = workspace.open("a")) {
      assertThat(files.input()).doesNotExist();
    }
    assertThat(read(workspace, "b")).isEqualTo("two");
  }

  @Test
  void dropsUnknownJobWithoutError() {
    assertThatCode(() -> workspace.drop("nobody")).doesNotThrowAnyException();
  }

  @Test
  void detectsAbandonedFiles() throws IOException {
    write(workspace, "a", "one");

    assertThat(workspace.isAbandoned("a")).isFalse();
    assertThat(later(Duration.ofDays(3)).isAbandoned("a")).isTrue();
  }

  @Test
  void excludesFilesStoredByOperatorFromLeftovers() throws IOException {
    try (JobFiles files = workspace.openByOperator("theirs")) {
      files.keep(Files.writeString(files.toWrite().input(), "{}\n"));
    }

    assertThat(open(Clock.systemUTC()).leftAtStart()).doesNotContain("theirs");
  }

  @Test
  void keepsFilesOnSweep() throws IOException {
    write(workspace, "a", "one");
    Workspace tomorrow = later(Duration.ofDays(2));
    tomorrow.sweep();
    tomorrow.check();

    assertThat(tomorrow.root()).isDirectory();
    assertThat(read(tomorrow, "a")).isEqualTo("one");
  }
}

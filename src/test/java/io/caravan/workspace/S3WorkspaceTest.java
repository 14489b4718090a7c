package io.caravan.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.job.CannotStartException;
import io.caravan.job.Rows;
import io.caravan.lease.StaleRowException;
import io.caravan.s3.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;
import software.amazon.awssdk.services.s3.S3Client;

class S3WorkspaceTest extends WorkspaceContract {
  private static final String BUCKET = "workspaces";

  private static final Duration MINUTES = Duration.ofMinutes(5);

  /** The minimum part size of S3. */
  private static final long UPLOAD_PART = 5 << 20;

  @TempDir static Path objects;
  private S3Server server;
  private String prefix;
  private final List<Workspace> opened = new ArrayList<>();

  @BeforeAll
  void startServer() throws IOException {
    server = S3Server.start(objects).with(BUCKET);
  }

  @AfterAll
  void stopServer() throws IOException {
    server.close();
  }

  @Override
  @BeforeEach
  void openWorkspace() throws IOException {
    prefix = "team a/" + UUID.randomUUID();
    super.openWorkspace();
  }

  @AfterEach
  void closeWorkspaces() throws IOException {
    for (Workspace each : opened) {
      each.close();
    }
    opened.clear();
  }

  @Override
  Workspace open(Clock clock) {
    return open(clock, MINUTES, server.client());
  }

  private Workspace open(Clock clock, Duration keepCopies, S3Client client) {
    S3Location location = S3Location.of("s3://" + BUCKET + "/" + prefix);
    var storage =
        new S3Storage(
            location,
            new JobObjects(() -> client, location, UPLOAD_PART, clock),
            new Scratch(folder.resolve("scratch")),
            keepCopies,
            clock);
    opened.add(new Workspace(storage, replica));
    return opened.getLast();
  }

  private Workspace workspace() {
    return open(Clock.systemUTC());
  }

  @Test
  void keepsFilesUnderThePrefixAndJob() throws IOException {
    write(workspace(), "a", "one");

    assertThat(server.keys(BUCKET, prefix)).containsExactly(prefix + "/a/input.jsonl");
    assertThat(workspace()).hasToString("s3://" + BUCKET + "/" + prefix + "/");
  }

  @Test
  void separatesJobsWithCommonNamePrefix() throws IOException {
    Workspace workspace = workspace();
    write(workspace, "a", "one");
    write(workspace, "ab", "two");

    workspace.drop("a");

    assertThat(workspace.jobIds()).containsExactly("ab");
  }

  /** A step fails before it keeps its files, and another replica repeats it. */
  @Test
  void readsOnlyKeptFiles() throws IOException {
    Workspace workspace = workspace();
    write(workspace, "a", "one");
    try (JobFiles files = workspace.open("a")) {
      Files.writeString(files.toWrite().input(), "two");
      Files.writeString(files.toWrite().errors(), "two");
    }

    assertThat(read(workspace, "a")).isEqualTo("one");
    try (JobFiles files = workspace.open("a")) {
      assertThat(files.errors()).doesNotExist();
    }
  }

  @Test
  void downloadsUnchangedFilesOnce() throws IOException {
    Workspace workspace = workspace();
    write(workspace, "a", "one");
    try (JobFiles files = workspace.open("a")) {
      var before = Files.getLastModifiedTime(files.input());
      var inode = Files.getAttribute(files.toWrite().input(), "unix:ino");

      assertThat(Files.getLastModifiedTime(files.input())).isEqualTo(before);
      assertThat(Files.getAttribute(files.toWrite().input(), "unix:ino")).isEqualTo(inode);
    }
  }

  @Test
  void deletesUnusedCopies() throws IOException {
    Workspace workspace = open(Clock.systemUTC(), Duration.ZERO, server.client());
    try (JobFiles files = workspace.open("a")) {
      Path input = Files.writeString(files.toWrite().input(), "one");
      files.keep(input);
      assertThat(read(workspace, "a"))
          .isEqualTo("one"); // like another step that ends before this one
      workspace.sweep();
      assertThat(input).exists();
    }

    assertThat(workspace.root()).isEmptyDirectory();
    assertThat(read(workspace, "a")).isEqualTo("one");
  }

  @Test
  void keepsRecentCopies() throws IOException {
    Workspace workspace = workspace();
    write(workspace, "a", "one");
    workspace.sweep();

    assertThat(workspace.root().resolve("a/input.jsonl")).hasContent("one");
  }

  @Test
  void abortsFailedUpload() throws IOException {
    try (JobFiles files = workspace().open(Rows.job("a").withOwner("another replica"))) {
      Path results = Files.write(files.toWrite().results(), new byte[LARGE]);

      assertThatThrownBy(() -> files.keep(results)).isInstanceOf(StaleRowException.class);
    }

    assertThat(server.keys(BUCKET, prefix)).isEmpty();
    assertThat(uploads()).isEmpty();
  }

  @Test
  void abortsUploadsOfDroppedJobs() throws IOException {
    begin("a/results.jsonl");
    begin("b/results.jsonl");

    workspace().drop("a");

    assertThat(uploads()).containsExactly(prefix + "/b/results.jsonl");
  }

  @Test
  void abortsUploadsOfKilledProcess() throws IOException {
    begin("a/results.jsonl");

    workspace().sweep();
    assertThat(uploads()).hasSize(1);
    later(Duration.ofDays(2)).sweep();

    assertThat(uploads()).isEmpty();
  }

  private void begin(String name) {
    server.client().createMultipartUpload(it -> it.bucket(BUCKET).key(prefix + "/" + name));
  }

  private List<String> uploads() {
    return server
        .client()
        .listMultipartUploads(it -> it.bucket(BUCKET).prefix(prefix))
        .uploads()
        .stream()
        .map(upload -> upload.key())
        .filter(key -> key.startsWith(prefix))
        .toList();
  }

  @Test
  void deletesMoreFilesThanOneCallAllows() throws IOException {
    write(workspace(), "a", "one");
    Path there = objects.resolve(BUCKET).resolve(prefix).resolve("a");
    for (int i = 0; i < 1_100; i++) {
      Files.createFile(there.resolve("part-" + i + ".jsonl"));
    }

    workspace().drop("a");

    assertThat(server.keys(BUCKET, prefix)).isEmpty();
  }

  @Test
  void reportsUnavailableS3InOneLine() throws IOException {
    Workspace workspace;
    try (var down = S3Server.start(folder.resolve("down"));
        var client = down.client()) {
      workspace = open(Clock.systemUTC(), MINUTES, client);
      down.stop();

      assertThatThrownBy(() -> write(workspace, "a", "one"))
          .isInstanceOf(WorkspaceException.class)
          .hasMessageStartingWith("the workspace s3://" + BUCKET + "/" + prefix)
          .hasMessageContaining("Connect")
          .hasMessageNotContaining("\n");
      assertThatThrownBy(workspace::check).hasMessageContaining("cannot be used");
    }
  }

  @Test
  void deletesLocalLeftoversOfKilledProcesses() throws IOException {
    Path scratch = folder.resolve("scratch");
    Path left = Files.createDirectories(scratch.resolve("killed/a"));
    Files.createFile(left.resolve("input.jsonl"));
    Files.createFile(scratch.resolve("killed.lock"));
    Workspace alive = workspace();
    write(alive, "a", "one");

    write(workspace(), "b", "two");

    assertThat(left).doesNotExist();
    assertThat(alive.root().resolve("a/input.jsonl")).exists();
    closeWorkspaces();
    try (Stream<Path> all = Files.list(scratch)) {
      assertThat(all).isEmpty();
    }
  }

  static WorkspaceAccess access(Path data, String url) {
    return new WorkspaceAccess(
        new WorkspaceProperties(url, DataSize.ofGigabytes(1), MINUTES), data, Clock.systemUTC());
  }

  @Test
  void startsWithExistingBucket() throws IOException {
    try (var storage = access(folder, "s3://" + BUCKET).started(server::client)) {
      assertThat(storage).hasToString("s3://" + BUCKET + "/");
    }
  }

  @Test
  void doesNotStartWithoutTheBucket() {
    assertThatThrownBy(() -> access(folder, "s3://nowhere/x").started(server::client))
        .isInstanceOf(CannotStartException.class)
        .hasMessageContaining("s3://nowhere/x/")
        .extracting(it -> ((CannotStartException) it).action())
        .asString()
        .contains("Create the bucket", "CARAVAN_WORKSPACE_URL");
  }

  @Test
  void doesNotStartWithInvalidUrl() {
    for (String url :
        List.of("s3:/bucket", "https://bucket", "/srv/workspace", "s3://", "s3://b//x")) {
      assertThatThrownBy(() -> access(folder, url).storage(server::client))
          .isInstanceOf(CannotStartException.class)
          .hasMessageContaining(url);
    }
  }

  @Test
  void startsWhileS3IsUnavailable() throws IOException {
    try (var down = S3Server.start(folder.resolve("down"));
        var client = down.client()) {
      down.stop();
      try (var storage = access(folder, "s3://" + BUCKET).started(() -> client)) {
        assertThatThrownBy(storage::check).hasMessageContaining("cannot be used");
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}

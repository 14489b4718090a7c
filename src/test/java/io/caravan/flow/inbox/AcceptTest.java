package io.caravan.flow.inbox;

import static io.caravan.job.Rows.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.TestClock;
import io.caravan.client.Clients;
import io.caravan.disk.FullDisk;
import io.caravan.flow.AnotherReadsException;
import io.caravan.flow.CaravanHeaders;
import io.caravan.flow.FlowProperties;
import io.caravan.flow.Pipeline;
import io.caravan.flow.Pipelines;
import io.caravan.flow.Templates;
import io.caravan.flow.UntakenNotes;
import io.caravan.flow.step.RoomWaits;
import io.caravan.flow.step.WorkspaceHealth;
import io.caravan.job.Job;
import io.caravan.job.JobStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.job.StoreId;
import io.caravan.provider.Providers;
import io.caravan.workspace.JobFiles;
import io.caravan.workspace.Workspace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.apache.camel.component.file.FileConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.health.Status;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.unit.DataSize;

class AcceptTest {
  private static final DataSize LARGEST = DataSize.ofBytes(100);

  @TempDir private Path folder;
  private final UntakenNotes notTaken = new UntakenNotes();
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private SqliteStore sqlite;
  private Store store;
  private Workspace workspace;
  private InboxClaims claims;
  private RoomWaits rooms;
  private Accept accept;

  @BeforeEach
  void openInbox() throws IOException {
    sqlite = SqliteStore.in(folder.resolve("data"));
    store = sqlite.store();
    workspace = sqlite.workspace();
    Files.createDirectory(folder.resolve("inbox"));
    camel.getRegistry().bind("default", new Pipeline());
    var clock = new TestClock(NOON);
    rooms = new RoomWaits(clock);
    var intake = new FlowProperties.Intake(Duration.ZERO, Duration.ZERO, false, false, LARGEST);
    claims = new InboxClaims(new StoreId("ours"), clock);
    accept =
        new Accept(
            store.jobs(),
            sqlite.shared(),
            sqlite.processes().sourceLocks(sqlite.processes().replica()),
            sqlite.presence(),
            claims,
            workspace,
            rooms,
            new Pipelines(
                camel,
                new Providers(Map.of()),
                new Templates(
                    new FlowProperties.Requests(
                        Path.of("config/templates"),
                        Path.of("config/model-prices.json"),
                        List.of()),
                    new StandardEnvironment()),
                clock,
                ZoneOffset.UTC),
            new JobTiming(new Clients(Map.of()), clock, ZoneOffset.UTC),
            new InboxFilter(intake, new NotTaken(notTaken, clock), clock),
            clock,
            intake,
            new FlowProperties.General(
                folder.resolve("out"),
                FlowProperties.Duplicates.REFUSE,
                Duration.ofHours(24),
                Duration.ofHours(1),
                false,
                1));
  }

  @AfterEach
  void close() throws IOException {
    claims.close();
    camel.close();
    sqlite.close();
  }

  @Test
  void storesBytesAndRow() throws IOException {
    Job job = drop("x.jsonl", "{}\n");

    assertThat(job)
        .returns("x.jsonl", it -> it.file().name())
        .returns("default", Job::pipeline)
        .returns(3L, it -> it.file().bytes())
        .returns(JobStatus.ACCEPTED, Job::status)
        .returns(NOON, Job::acceptedAt);
    try (JobFiles files = workspace.open(job)) {
      assertThat(files.input()).hasContent("{}\n");
    }
  }

  @Test
  void storesNoBytesOfADuplicate() throws IOException {
    Job first = drop("x.jsonl", "{}\n");
    Job second = drop("y.jsonl", "{}\n");

    assertThat(second.refusal()).contains("y.jsonl", "job " + first.id(), "x.jsonl");
    assertThat(workspace.jobIds()).containsExactly(first.id());
  }

  @Test
  void refusesEachFileThatIsTooLarge() throws IOException {
    Job first = drop("x.jsonl", "x".repeat(101));
    Job second = drop("y.jsonl", "y".repeat(101));

    assertThat(first.refusal()).startsWith("x.jsonl: ").doesNotContain("same content");
    assertThat(second.refusal()).startsWith("y.jsonl: ").doesNotContain("same content");
    assertThat(first.status()).isEqualTo(JobStatus.SETTLED);
    assertThat(workspace.jobIds()).isEmpty();
  }

  @Test
  void refusesAFileOnceEvenIfReadAgain() throws IOException {
    Job first = drop("x.jsonl", "x".repeat(101));

    assertThat(read("x.jsonl")).isEqualTo(first);
  }

  @Test
  void leavesNoBytesWhenReadingFails() throws IOException {
    Files.writeString(folder.resolve("inbox/x.jsonl"), "{}\n");
    Exchange exchange = message("x.jsonl", new Broken());

    assertThatThrownBy(() -> accept.accept(exchange))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("x.jsonl could not be stored and stays where it is: ");
    assertThat(store.overview().countJobs()).isEmpty();
    assertThat(workspace.jobIds()).isEmpty();
    assertThat(notTaken.reasons().get(folder.resolve("inbox/x.jsonl").toString()))
        .startsWith("could not be stored and stays where it is: ");
  }

  private Job drop(String name, String content) throws IOException {
    Files.writeString(folder.resolve("inbox").resolve(name), content);
    return read(name);
  }

  private Job read(String name) throws IOException {
    try (InputStream file = Files.newInputStream(folder.resolve("inbox").resolve(name))) {
      Exchange exchange = message(name, file);
      accept.accept(exchange);
      complete(exchange);
      String id = exchange.getMessage().getHeader(CaravanHeaders.JOB, String.class);
      return store.jobs().job(id).orElseThrow();
    }
  }

  private static void complete(Exchange exchange) {
    exchange.getExchangeExtension().handoverCompletions().forEach(it -> it.onComplete(exchange));
  }

  @Test
  void skipsAFileThatAnotherReplicaReads() throws IOException {
    Path file = Files.writeString(folder.resolve("inbox/x.jsonl"), "{}\n");
    try (InputStream first = Files.newInputStream(file);
        InputStream second = Files.newInputStream(file)) {
      Exchange reading = message("x.jsonl", first);
      accept.accept(reading);

      assertThatThrownBy(() -> accept.accept(message("x.jsonl", second)))
          .isInstanceOf(AnotherReadsException.class);
      complete(reading);
    }
    assertThat(store.overview().countJobs()).hasSize(1);
  }

  @Test
  void skipsAFileThatAnotherReplicaHasTaken() {
    assertThatThrownBy(() -> accept.accept(message("gone.jsonl", new Broken())))
        .isInstanceOf(AnotherReadsException.class);
    assertThat(store.overview().countJobs()).isEmpty();
  }

  @Test
  void readsAFileOnlyOnceThereIsDiskSpace() throws Exception {
    Files.writeString(folder.resolve("inbox/x.jsonl"), "{}\n".repeat(30));
    var health = new WorkspaceHealth(workspace, rooms);
    Files.createDirectories(workspace.root());
    try (FullDisk disk = FullDisk.of(1_000, 50)) {
      assertThat(health.health().getStatus()).isEqualTo(Status.UP);

      assertThatThrownBy(() -> accept.accept(message("x.jsonl", new Broken())))
          .hasMessageContaining(
              "x.jsonl could not be stored and stays where it is: no room for 1 kB")
          .hasMessageContaining("Free some space");
      assertThat(store.overview().countJobs()).isEmpty();
      assertThat(workspace.jobIds()).isEmpty();
      assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
      assertThat(health.health().getDetails().get("waitingForRoom"))
          .asString()
          .contains(folder.resolve("inbox/x.jsonl").toString(), "no room for 1 kB");

      disk.free(51);
      assertThat(health.health().getStatus()).isEqualTo(Status.UP);
      assertThat(read("x.jsonl").refused()).isFalse();
    }
  }

  @Test
  void remembersTheUnpackedSizeFromEarlierAttempts() throws IOException {
    byte[] packed = packed("x".repeat(90));
    Files.write(folder.resolve("inbox/x.jsonl.gz"), packed);
    var reads = new AtomicInteger();
    try (FullDisk disk = FullDisk.of(1_000, 51)) {
      InputStream body =
          new FilterInputStream(new ByteArrayInputStream(packed)) {
            @Override
            public int read(byte[] to, int from, int length) throws IOException {
              reads.incrementAndGet();
              disk.free(50);
              return super.read(to, from, length);
            }
          };
      Exchange first = message("x.jsonl.gz", body);
      assertThatThrownBy(() -> accept.accept(first)).hasMessageContaining("no room for 1 kB");
      complete(first);
      assertThat(reads).as("it was read, since it seemed to fit").hasPositiveValue();
      assertThat(workspace.jobIds()).isEmpty();

      assertThatThrownBy(() -> accept.accept(message("x.jsonl.gz", new Broken())))
          .as("not read")
          .hasMessageContaining("no room for 1 kB");
      disk.free(51);
      assertThatThrownBy(() -> accept.accept(message("x.jsonl.gz", new Broken())))
          .as("read")
          .hasMessageContaining("Input/output error");
    }
  }

  @Test
  void refusesAFileLargerThanTheDisk() throws IOException {
    Files.writeString(folder.resolve("inbox/x.jsonl"), "{}\n".repeat(30));
    try (FullDisk disk = FullDisk.of(0, 0)) {
      disk.free(0);
      Job job = drop("x.jsonl", "{}\n".repeat(30));

      assertThat(job.refusal())
          .contains("x.jsonl: no room for", "Even empty it would be too small");
      assertThat(workspace.jobIds()).isEmpty();
    }
  }

  private static byte[] packed(String content) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return packed.toByteArray();
  }

  private Exchange message(String name, @Nullable InputStream body) {
    var exchange = new DefaultExchange(camel);
    exchange.getMessage().setHeader(Exchange.FILE_NAME, name);
    exchange
        .getMessage()
        .setHeader(
            FileConstants.FILE_ABSOLUTE_PATH, folder.resolve("inbox").resolve(name).toString());
    exchange.getMessage().setBody(body);
    return exchange;
  }

  private static final class Broken extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("Input/output error");
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      return read();
    }
  }
}

package io.caravan.flow.outbox;

import static io.caravan.job.Rows.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravan.disk.FullDisk;
import io.caravan.disk.NoRoomException;
import io.caravan.job.JobStatus;
import io.caravan.job.SqliteStore;
import io.caravan.job.Store;
import io.caravan.s3.S3Objects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.StaticListableBeanFactory;

class OutboxTest {
  private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
  @TempDir private Path folder;
  private SqliteStore sqlite;
  private Store store;
  private Outbox outbox;
  private Path results;

  @BeforeEach
  void openOutbox() {
    sqlite = SqliteStore.in(folder.resolve("data"));
    store = sqlite.store();
    outbox =
        new Outbox(
            store.jobs(),
            store.deliveries(),
            new StaticListableBeanFactory().getBeanProvider(S3Objects.class));
    results = folder.resolve("out/results");
    Stream.of("a", "b", "c").forEach(id -> store.jobs().accept(job(id), false));
  }

  @AfterEach
  void closeStore() {
    sqlite.close();
  }

  @Test
  void returnsTheExpectedNameAndCreatesTheFolder() throws IOException {
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(results).isDirectory();
    assertThat(store.deliveries().of("a").get("results"))
        .isEqualTo(at("x.results.jsonl").toString());
  }

  @Test
  void neverReturnsTheNameOfAnExistingFile() throws IOException {
    Files.createDirectories(results);
    Files.createFile(at("x.results.jsonl"));

    assertThat(nameFor("a")).isEqualTo("x.a.results.jsonl");
  }

  @Test
  void returnsTheSameNameAfterACrash() throws IOException {
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    Files.createFile(at("x.results.jsonl")); // written, but not noted

    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
  }

  @Test
  void deletesTemporaryFilesOfAFailedDelivery() throws IOException {
    nameFor("a");
    Path left = Files.createFile(at(".writing-a-0001"));
    Path ofAnother = Files.createFile(at(".writing-ab-0001"));

    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(left).doesNotExist();
    assertThat(ofAnother).exists();
  }

  @Test
  void deletesTheTemporaryFileWhenItsDeliveryFails() throws IOException {
    nameFor("a");
    Path own = Files.createFile(at(".writing-a-" + exchange.getExchangeId()));
    Path ofAnotherReplica = Files.createFile(at(".writing-a-0001"));

    exchange.setException(new IOException("the job's file is gone"));
    exchange.getExchangeExtension().handoverCompletions().forEach(it -> it.onFailure(exchange));

    assertThat(own).doesNotExist();
    assertThat(ofAnotherReplica).exists();
  }

  @Test
  void returnsTheSameNameWithItsIdAfterACrash() throws IOException {
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(nameFor("b")).isEqualTo("x.b.results.jsonl");
    Files.createFile(at("x.b.results.jsonl"));

    assertThat(nameFor("b")).isEqualTo("x.b.results.jsonl");
  }

  @Test
  void givesEachUnfinishedJobItsOwnName() throws IOException {
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(nameFor("b")).isEqualTo("x.b.results.jsonl");
    assertThat(nameFor("c")).isEqualTo("x.c.results.jsonl");
  }

  @Test
  void reusesANameOnceTheEarlierJobIsDeliveredAndItsFileGone() throws IOException {
    deliver("old");
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(store.deliveries().of("old")).isEmpty();
  }

  @Test
  void neverReusesANameWhoseFileStillExists() throws IOException {
    deliver("old");
    Files.createFile(at("x.results.jsonl"));

    assertThat(nameFor("a")).isEqualTo("x.a.results.jsonl");
    assertThat(store.deliveries().of("old")).isNotEmpty();
  }

  @Test
  void namesAllOutputsOfAJobAlike() throws IOException {
    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(nameFor("b")).isEqualTo("x.b.results.jsonl");

    assertThat(freeName(results.toString(), "x.report.json", "b", "report", null))
        .isEqualTo("x.b.report.json");
  }

  @Test
  void neverMixesOutputsOfTwoJobsUnderOneName() throws IOException {
    store.jobs().accept(job("first").with(b -> b.file(b.file().withName("x.jsonl"))), false);
    store.jobs().accept(job("second").with(b -> b.file(b.file().withName("x.jsonl"))), false);
    assertThat(nameFor("first")).isEqualTo("x.results.jsonl");
    Files.createFile(at("x.results.jsonl"));

    assertThat(freeName(results.toString(), "x.errors.jsonl", "second", "errors", null))
        .isEqualTo("x.second.errors.jsonl");
  }

  @Test
  void keepsSubfolders() throws IOException {
    assertThat(freeName(results.toString(), "team/x.results.jsonl", "a", "results", null))
        .isEqualTo("team/x.results.jsonl");
    assertThat(freeName(results.toString(), "team/x.results.jsonl", "b", "results", null))
        .isEqualTo("team/x.b.results.jsonl");
  }

  @ParameterizedTest
  @CsvSource({
    "x.report.json, report, x.b.report.json",
    "x.results.results.jsonl, results, x.results.b.results.jsonl",
    "whatever.csv, errors, whatever.csv.b"
  })
  void putsTheIdBeforeTheSuffix(String name, String kind, String other) throws IOException {
    assertThat(freeName(results.toString(), name, "a", kind, null)).isEqualTo(name);
    assertThat(freeName(results.toString(), name, "b", kind, null)).isEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.results.jsonl", "a/../../x.results.jsonl", "/tmp/x.results.jsonl"})
  void rejectsNamesThatLeadOutOfTheOutbox(String name) {
    assertThatThrownBy(() -> freeName(results.toString(), name, "a", "results", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
    assertThat(store.deliveries().of("a")).doesNotContainKey("results");
  }

  @Test
  void namesFilesOfTwoFoldersIndependently() throws IOException {
    Path reports = folder.resolve("out/reports");

    assertThat(nameFor("a")).isEqualTo("x.results.jsonl");
    assertThat(freeName(reports.toString(), "x.report.json", "a", "report", null))
        .isEqualTo("x.report.json");
    assertThat(store.deliveries().of("a"))
        .containsEntry("results", at("x.results.jsonl").toString())
        .containsEntry("report", reports.resolve("x.report.json").toString());
  }

  private void deliver(String id) throws IOException {
    store.jobs().accept(job(id).withStatus(JobStatus.ERRORS_DELIVERED), false);
    assertThat(nameFor(id)).isEqualTo("x.results.jsonl");
    store.jobs().update(store.jobs().job(id).orElseThrow(), b -> b.status(JobStatus.DELIVERED));
  }

  @Test
  void failsWithoutDiskSpaceForTheFile() throws IOException {
    try (FullDisk disk = FullDisk.of(1_000, 0)) {
      disk.free(30);
      assertThatThrownBy(
              () -> freeName(results.toString(), "x.results.jsonl", "a", "results", 6_000_000L))
          .isInstanceOf(NoRoomException.class);
      assertThat(freeName(results.toString(), "x.results.jsonl", "a", "results", 4_000_000L))
          .isEqualTo("x.results.jsonl");
    }
  }

  private String freeName(
      String directory, String name, String job, String kind, @Nullable Long length)
      throws IOException {
    return outbox.freeName(directory, name, job, kind, length, exchange);
  }

  private String nameFor(String job) throws IOException {
    return freeName(results.toString(), "x.results.jsonl", job, "results", null);
  }

  private Path at(String name) {
    return results.resolve(name);
  }
}

package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/sftp} with an SFTP server, and kills in between. */
@Tag("thorough")
class SftpIT {
  private static final int FILES = 30;

  @Test
  void deliversEveryRequestOnceAfterKills(@TempDir Path folder, @TempDir Path keys)
      throws Exception {
    Path home = folder.resolve("home");
    try (var server = new SftpServer(home, keys);
        var provider = new CountingProvider().withBatchesOf(Duration.ofMillis(300))) {
      SampleFolder sample =
          SampleFolder.of("sftp", "ftp", Files.createDirectories(folder.resolve("work")), provider)
              .with("SFTP_HOST", server.address())
              .with("SFTP_USER", SftpServer.USER)
              .with("SFTP_IDENTITY", server.identity())
              .with("SFTP_KNOWN_HOSTS", server.knownHosts());
      Path inbox = Files.createDirectories(home.resolve("inbox"));
      for (int i = 1; i <= FILES; i++) {
        Files.writeString(
            inbox.resolve("f" + i + ".jsonl"),
            TestCaravan.text(Line.chat("r-" + i, "about " + i), "no request"));
      }

      sample.killOnce(() -> count(inbox.resolve(".accepted")) >= 5);
      sample.killOnce(() -> count(home.resolve("results")) >= 5);
      sample.killOnce(() -> count(home.resolve("errors")) >= 15);
      try (CaravanProcess last = sample.start()) {
        await("all reports")
            .atMost(Duration.ofMinutes(6))
            .until(() -> !last.isAlive() || count(sample.outbox().resolve("reports")) == FILES);
        assertThat(last.isAlive()).as(last.output()).isTrue();
      }

      List<String> ids = IntStream.rangeClosed(1, FILES).mapToObj(i -> "r-" + i).toList();
      assertThat(lines(home.resolve("results")).map(it -> it.path("custom_id").asText()))
          .containsExactlyInAnyOrderElementsOf(ids);
      assertThat(lines(home.resolve("errors")).map(it -> it.at("/error/code").asText()))
          .hasSize(FILES)
          .containsOnly("invalid_json_line");
      assertThat(provider.account().paid())
          .hasSize(FILES)
          .allSatisfy((id, times) -> assertThat(times).as(id).isEqualTo(1));
      assertThat(count(inbox.resolve(".accepted"))).isEqualTo(FILES);
      assertThat(count(inbox)).isZero();
    }
  }

  @Test
  void logsAnOutageOnceWithoutAStackTrace(@TempDir Path folder, @TempDir Path keys)
      throws Exception {
    int port = TestCaravan.freePort();
    Path home = Files.createDirectories(folder.resolve("home"));
    try (var provider = new CountingProvider()) {
      SampleFolder sample =
          SampleFolder.of("sftp", "ftp", Files.createDirectories(folder.resolve("work")), provider)
              .with("SFTP_HOST", "127.0.0.1:" + port)
              .with("SFTP_USER", SftpServer.USER)
              .with("SFTP_IDENTITY", keys.resolve("identity"))
              .with("SFTP_KNOWN_HOSTS", keys.resolve("known_hosts"));
      sample.edit(text -> text.replace("delay: 5000", "delay: 500"));
      new SftpServer(home, keys, port).close(); // writes the keys
      Path inbox = Files.createDirectories(home.resolve("inbox"));
      Files.writeString(inbox.resolve("x.jsonl"), TestCaravan.text(Line.chat("r", "after")));

      try (CaravanProcess caravan = sample.start()) {
        awaitOutput(
            caravan, "pipeline=sftp (sftp) cannot read its inbox, retrying: Cannot connect");
        caravan.awaitStarted();
        TestCaravan.staysFor(Duration.ofSeconds(3), inbox.resolve("x.jsonl"));
        try (var server = new SftpServer(home, keys, port)) {
          assertThat(server.address()).endsWith(":" + port);
          awaitOutput(caravan, "pipeline=sftp (sftp) can read its inbox again");
          await().atMost(Duration.ofMinutes(6)).until(() -> count(home.resolve("results")) == 1);
        }
        assertThat(caravan.output().lines())
            .filteredOn(line -> line.contains("cannot read its inbox"))
            .hasSize(1);
        assertThat(caravan.output()).doesNotContain("\tat ");
      }
    }
  }

  private static void awaitOutput(CaravanProcess caravan, String text) {
    await(text)
        .atMost(Duration.ofMinutes(6))
        .until(() -> {
          assertThat(caravan.isAlive()).as(caravan.output()).isTrue();
          return caravan.output().contains(text);
        });
  }

  private static long count(Path folder) throws IOException {
    return files(folder).count();
  }

  /** The visible files of a folder, which may not exist. */
  private static Stream<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Stream.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .toList()
          .stream();
    }
  }

  private static Stream<JsonNode> lines(Path folder) throws IOException {
    return files(folder)
        .flatMap(file -> {
          try {
            return Files.readAllLines(file).stream().map(Outcome::parse);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}

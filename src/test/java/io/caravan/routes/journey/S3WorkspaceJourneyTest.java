package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caravan.job.CannotStartException;
import io.caravan.operator.Operator;
import io.caravan.operator.Outcome.Done;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.s3.S3Server;
import io.caravan.store.StoreAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;

/** Tests a workspace in S3 where copies end with each step, so every read uses S3. */
class S3WorkspaceJourneyTest {
  private static final String BUCKET = "workspace";
  private static final String URL = "s3://" + BUCKET + "/caravan";
  private static final Duration LONGEST = Duration.ofSeconds(60);

  @TempDir Path folder;
  private int port;
  private S3Server s3;
  private CountingProvider provider;
  private TestCaravan caravan;

  @BeforeAll
  static void useKeys() {
    System.setProperty("aws.accessKeyId", S3Server.ACCESS_KEY);
    System.setProperty("aws.secretAccessKey", S3Server.SECRET_KEY);
  }

  @AfterAll
  static void forgetKeys() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  @BeforeEach
  void start() throws IOException {
    port = TestCaravan.freePort();
    s3 = startS3().with(BUCKET);
    provider = new CountingProvider(12).withBatchesOf(Duration.ofMillis(50));
    caravan =
        TestCaravan.in(folder)
            .at(provider)
            .with("caravan.providers.openai.max-requests", 4)
            .with("caravan.s3.endpoint", s3.endpoint())
            .with("caravan.workspace.url", URL)
            .with("caravan.workspace.keep-copies", "0s");
  }

  private S3Server startS3() throws IOException {
    return S3Server.start(folder.resolve("s3"), port);
  }

  @AfterEach
  void stop() throws IOException {
    caravan.close();
    provider.close();
    s3.close();
  }

  private void drop(String stem, int requests) throws IOException {
    caravan.drop(
        stem + ".jsonl",
        IntStream.rangeClosed(0, requests)
            .mapToObj(i -> i == 0 ? "no request" : Line.chat(stem + "-" + i, "about " + stem))
            .toArray(String[]::new));
  }

  @Test
  void deliversFilesAndDeletesAllCopies() throws IOException {
    provider.answering((id, times) -> id.endsWith("-2") && times == 1 ? 500 : 200);
    caravan.with("caravan.retention", "1ms").with("caravan.delete-provider-files", true).start();
    drop("a", 10);
    drop("b", 3);

    Outcome outcome = caravan.awaitReport("a").counts(11, 10, 1);
    caravan.awaitReport("b").counts(4, 3, 1);

    assertThat(outcome.report().path("parts")).hasSize(4); // three, and one for failed requests
    await().atMost(LONGEST).until(() -> s3.keys(BUCKET, "").isEmpty());
    await().atMost(LONGEST).until(() -> provider.account().files(null).isEmpty());
    assertThat(folder.resolve("data/workspace")).doesNotExist();
    assertThat(folder.resolve("data/scratch"))
        .isDirectoryNotContaining(it -> Files.isDirectory(it) && it.toFile().list().length > 0);
  }

  @Test
  @Tag("thorough")
  void resumesAfterRestartWithoutLocalFiles() throws IOException {
    provider.withBatchesOf(Duration.ofSeconds(2));
    caravan.start();
    drop("a", 5);
    await().atMost(LONGEST).until(() -> provider.account().batches().size() == 2);
    caravan.stop();
    assertThat(folder.resolve("data/scratch")).isEmptyDirectory();

    caravan.start();

    caravan.awaitReport("a").counts(6, 5, 1);
  }

  @Test
  @Tag("thorough")
  void startsWhileTheStoreIsDown() throws IOException {
    s3.stop();
    caravan.start();
    s3.close();
    s3 = startS3();
    drop("a", 2);

    caravan.awaitReport("a").counts(3, 2, 1);
  }

  @Test
  void refusesToStartWithoutItsBucket() {
    caravan.with("caravan.workspace.url", "s3://nowhere/x");

    assertThatThrownBy(() -> caravan.start())
        .hasStackTraceContaining(CannotStartException.class.getName())
        .hasStackTraceContaining("s3://nowhere/x/ cannot be used: HTTP 404");
  }

  @Test
  @Tag("thorough")
  void waitsWhileTheStoreIsDown() throws IOException {
    provider.withBatchesOf(Duration.ofSeconds(1));
    caravan.start();
    drop("a", 5);
    await().atMost(LONGEST).until(() -> provider.account().batches().size() == 2);
    s3.stop();
    drop("b", 2);
    await()
        .atMost(LONGEST)
        .until(
            () -> caravan.ask("/actuator/health/workspace"),
            health -> health.contains("DOWN") && health.contains(URL));
    TestCaravan.staysFor(Duration.ofSeconds(2), caravan.inbox().resolve("b.jsonl"));
    assertThat(caravan.outcomes("a")).isEmpty();
    assertThat(caravan.ask("/actuator/health/provider")).contains("UP");

    s3.close();
    s3 = startS3();

    caravan.awaitReport("a").counts(6, 5, 1);
    caravan.awaitReport("b").counts(3, 2, 1);
    assertThat(provider.account().paid()).hasSize(7).allSatisfy((id, n) -> assertThat(n).isOne());
  }

  @Test
  @Tag("thorough")
  void resendsFailedRequestsForAnOperator() throws IOException {
    provider.answering((id, times) -> id.endsWith("-2") && times == 1 ? 400 : 200);
    caravan.start();
    drop("a", 3);
    String job = caravan.awaitReport("a").counts(4, 2, 2).report().path("job").asText();

    try (StoreAccess access = StoreAccess.open(settings()).orElseThrow()) {
      assertThat(Operator.on(access).retry(job)).isInstanceOf(Done.class);
    }

    assertThat(caravan.awaitAnotherReport("a").counts(1, 1, 0).resultIds()).containsExactly("a-2");
  }

  private MockEnvironment settings() {
    Path data = folder.resolve("data");
    return new MockEnvironment()
        .withProperty("caravan.data", data.toString())
        .withProperty("caravan.workspace.url", URL)
        .withProperty("caravan.workspace.keep-copies", "5m")
        .withProperty("caravan.late.turnaround", "1h")
        .withProperty("caravan.late.risk-buffer", "15m")
        .withProperty("caravan.s3.endpoint", s3.endpoint().toString())
        .withProperty("caravan.s3.checksums", "when_supported")
        .withProperty("caravan.database.url", "jdbc:sqlite:" + data.resolve("caravan.db"))
        .withProperty("caravan.database.username", "")
        .withProperty("caravan.database.password", "")
        .withProperty("caravan.database.lease", "10s");
  }
}

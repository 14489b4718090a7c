package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.job.PostgresServer;
import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.Buckets;
import io.caravan.routes.fake.Upstream;
import io.caravan.s3.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Tests two replicas on one bucket, and a store that is unreachable at the start. */
@ExtendWith(OutputCaptureExtension.class)
@Tag("thorough")
class S3ReplicasTest {
  private static final int OBJECTS = 40;

  @TempDir private Path folder;
  private Path routes;

  @BeforeEach
  void useSample() throws IOException {
    Buckets.useKeys();
    routes = TestCaravan.copyRoutes(folder.resolve("routes"));
    Buckets.pipeline(routes, "s3", "shared");
  }

  @AfterEach
  void forgetKeys() {
    Buckets.forgetKeys();
  }

  @Test
  void eachObjectBecomesOneJob(CapturedOutput output) throws IOException {
    try (var upstream = new Upstream();
        var postgres = PostgresServer.start();
        var server = S3Server.start(folder.resolve("s3")).with("shared");
        var one = replica(server, postgres).with("caravan.upstream.url", upstream.url()).start();
        var two =
            replica(server, postgres)
                .with("caravan.providers.local.base-url", one.address() + "/v1")
                .with("caravan.server.enabled", false)
                .start()) {
      for (int i = 0; i < OBJECTS; i++) {
        server.put("shared", key(i), TestCaravan.text(Line.chat("c", "Object " + i)));
      }

      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> server.keys("shared", "reports/").size() == OBJECTS);

      assertThat(server.keys("shared", "results/")).hasSize(OBJECTS);
      assertThat(server.keys("shared", "errors/")).isEmpty();
      assertThat(output.getAll().lines().filter(line -> line.contains("-> accepted")))
          .hasSize(OBJECTS);
      await().until(() -> server.keys("shared", "inbox/").isEmpty());
      assertThat(server.keys("shared", "accepted/")).hasSize(OBJECTS);
      assertThat(two.address()).isNotEqualTo(one.address());
      assertThat(output.getAll()).doesNotContain(" WARN  s3:", "stays where it is");
    }
  }

  private TestCaravan replica(S3Server server, PostgresServer postgres) throws IOException {
    return TestCaravan.in(folder)
        .with("caravan.routes", routes)
        .with("caravan.database.url", postgres.url())
        .with("caravan.s3.endpoint", server.endpoint())
        .with("caravan.s3.checksums", "when_required");
  }

  private static String key(int number) {
    return "inbox/object-%02d.jsonl".formatted(number);
  }

  @Test
  void startsWithoutTheStoreAndRecovers(CapturedOutput output) throws IOException {
    int port = TestCaravan.freePort();
    try (TestCaravan caravan =
        TestCaravan.in(folder)
            .with("caravan.routes", routes)
            .with("caravan.s3.endpoint", "http://127.0.0.1:" + port)
            .start()) {
      await().until(() -> output.getAll().contains("the store cannot be reached"));
      caravan.drop("folder.jsonl", Line.embedding("f", "Others go on."));
      caravan.awaitReport("folder").counts(1, 1, 0);

      try (var server = S3Server.start(folder.resolve("s3"), port).with("shared")) {
        server.put("shared", "inbox/back.jsonl", TestCaravan.text(Line.embedding("b", "Back.")));

        new Buckets(server).awaitReport("shared", "back").counts(1, 1, 0);
        assertThat(warnings(output)).hasSize(1);
      }
    }
  }

  @Test
  void startsWithoutARegionAndReportsIt(CapturedOutput output) throws IOException {
    Buckets.forgetKeys();
    System.setProperty("aws.disableEc2Metadata", "true");
    try (TestCaravan caravan = TestCaravan.in(folder).with("caravan.routes", routes).start()) {
      await().until(() -> output.getAll().contains("there is no AWS region. Set AWS_REGION."));
      caravan.drop("folder.jsonl", Line.embedding("f", "Others go on without one."));
      caravan.awaitReport("folder").counts(1, 1, 0);
    } finally {
      System.clearProperty("aws.disableEc2Metadata");
    }
  }

  private static List<String> warnings(CapturedOutput output) {
    return output
        .getAll()
        .lines()
        .filter(line -> line.contains("cannot read its inbox"))
        .filter(line -> line.contains("cannot be reached"))
        .toList();
  }
}

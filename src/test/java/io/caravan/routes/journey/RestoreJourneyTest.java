package io.caravan.routes.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.Line;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import io.caravan.routes.fake.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Tests a restored backup. */
@Tag("thorough")
class RestoreJourneyTest {
  @Test
  void paysOnceForRequestsSentAfterTheBackup(@TempDir Path folder) throws IOException {
    Path data = folder.resolve("data");
    Path backup = folder.resolve("backup");
    try (var provider = new CountingProvider(1).withBatchesOf(Duration.ZERO);
        TestCaravan caravan =
            TestCaravan.in(folder)
                .at(provider)
                .with("caravan.providers.openai.max-requests", 5)
                .start()) {
      provider.breakDown(Fault.refused(503, "{}"));
      caravan.drop("x.jsonl", Line.chats("x", 20));
      await().until(() -> hasParts(caravan));
      caravan.stop();
      FileSystemUtils.copyRecursively(data, backup);

      provider.mend();
      caravan.start();
      caravan.awaitReport("x").counts(20, 20, 0);
      caravan.stop();
      FileSystemUtils.deleteRecursively(data);
      FileSystemUtils.deleteRecursively(caravan.outbox());
      FileSystemUtils.copyRecursively(backup, data);
      caravan.start();

      caravan.awaitReport("x").counts(20, 20, 0);
      assertThat(provider.account().paid())
          .hasSize(20)
          .allSatisfy((request, times) -> assertThat(times).isEqualTo(1));
    }
  }

  private static boolean hasParts(TestCaravan caravan) throws IOException {
    Path workspace = caravan.inbox().resolveSibling("data/workspace");
    try (var files = Files.walk(workspace)) {
      return files.anyMatch(file -> file.endsWith("part-4.jsonl"));
    }
  }
}

package io.caravan.routes.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravan.routes.CaravanProcess;
import io.caravan.routes.Line;
import io.caravan.routes.Outcome;
import io.caravan.routes.TestCaravan;
import io.caravan.routes.fake.CountingProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code samples/pipelines/cron}. */
@Tag("thorough")
class CronIT {
  @Test
  void takesFilesAtTheTimesOfTheSchedule(@TempDir Path folder) throws Exception {
    try (var provider = new CountingProvider()) {
      SampleFolder sample = SampleFolder.of("cron", "quartz", folder, provider);
      Path inbox = Files.createDirectories(sample.path("inbox-cron"));
      Path file =
          Files.writeString(
              inbox.resolve("night.jsonl"), TestCaravan.text(Line.chat("r", "at night")));

      try (CaravanProcess caravan = sample.start()) {
        caravan.awaitStarted();
        TestCaravan.staysFor(Duration.ofSeconds(3), file); // until 02:00
        caravan.kill();
      }
      sample.with("CRON_TIMES", "0/5 * * * * ?"); // every five seconds
      try (CaravanProcess caravan = sample.start()) {
        List<Outcome> outcomes =
            await()
                .atMost(Duration.ofMinutes(6))
                .until(() -> Outcome.all(sample.outbox(), "night"), all -> !all.isEmpty());
        outcomes.getFirst().counts(1, 1, 0);
        assertThat(caravan.isAlive()).isTrue();
      }
    }
  }
}

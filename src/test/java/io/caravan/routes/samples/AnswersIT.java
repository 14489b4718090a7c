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

/** Tests {@code samples/pipelines/answers}. */
@Tag("thorough")
class AnswersIT {
  @Test
  void writesTheTextOfEachCompleteAnswer(@TempDir Path folder) throws Exception {
    try (var provider = new CountingProvider()) {
      SampleFolder sample = SampleFolder.of("answers", "jsonpath", folder, provider);
      Path inbox = Files.createDirectories(sample.path("inbox-answers"));
      Files.writeString(
          inbox.resolve("x.jsonl"),
          TestCaravan.text(Line.chat("a", "one"), Line.chat("b", "two"), "no request"));

      try (CaravanProcess caravan = sample.start()) {
        List<Outcome> outcomes =
            await()
                .atMost(Duration.ofMinutes(6))
                .until(() -> Outcome.all(sample.outbox(), "x"), all -> !all.isEmpty());

        Path answers = sample.outbox().resolve("answers").resolve(outcomes.getFirst().job());
        assertThat(answers.resolve("a.txt")).hasContent("Yes.");
        assertThat(answers.resolve("b.txt")).hasContent("Yes.");
        assertThat(outcomes.getFirst().errors()).hasSize(1);
        assertThat(caravan.isAlive()).isTrue();
      }
    }
  }
}
